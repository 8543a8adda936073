# Sourced by hack/demo/demo after steps.sh for AGENT=codex: the steps that differ.

build_images() { IMAGES=$(hack/images codex-agent); }

prepare_agent() { timed 'endpoint and key' serve_endpoint; }

# The agent knows its endpoint and key from the Secret `codex` only.
serve_endpoint() {
  if [ -n "${OPENAI_API_KEY:-}" ]; then
    echo "the endpoint is ${OPENAI_BASE_URL:=https://api.openai.com/v1}"
  else
    echo 'the endpoint is a double: no model answers, a script has the commands of the task executed'
    serve_double
    OPENAI_BASE_URL=http://responses-endpoint/work/v1 OPENAI_API_KEY=not-a-real-key
  fi
  # By standard input: arguments are visible to everybody on this machine.
  printf 'base-url=%s\napi-key=%s\n' "$OPENAI_BASE_URL" "$OPENAI_API_KEY" |
    k create secret generic codex --from-env-file /dev/stdin --dry-run=client --output yaml | k apply --filename - >/dev/null
}

serve_double() {
  local program
  program=$(k create configmap responses-endpoint --from-file hack/demo/responses-endpoint.ts --dry-run=client --output yaml | k apply --filename -)
  k apply --filename hack/demo/responses-endpoint.yaml >/dev/null
  [[ $program != *configured ]] || k rollout restart deployment/responses-endpoint
  k rollout status deployment/responses-endpoint --timeout=3m
}

artifact_name() { echo changes; }
# Of the log on standard input: it holds the patch between two lines of codex-agent.
artifact_hash() { sed -n '/^codex-agent: .*changes\.patch$/,/^codex-agent: end$/ { /^codex-agent: /d; p; }' | sha256sum | cut -d ' ' -f 1; }
