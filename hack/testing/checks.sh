# Sourced. The checks that read the code, for `make lint` and `make test`.
CHECKS=('generated files' 'types' 'oxlint' 'eslint' 'format' 'import rules' 'unused code')

run_checks() {
  step 'generated files' hack/verify
  step 'types' tsc -p tsconfig.json
  step 'oxlint' oxlint --quiet
  # Without a cache: a type that changes in one file can break a rule in another.
  step 'eslint' eslint .
  step 'format' prettier --check --log-level warn .
  step 'import rules' depcruise --config .dependency-cruiser.cjs src
  step 'unused code' knip
}
