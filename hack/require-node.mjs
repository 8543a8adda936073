// client-node needs undici 8, which dies at import on an older Node; npm's optional packages bring a newer one on Linux and Windows.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 21)) {
  console.error(
    `Node ${process.versions.node} is too old: install Node 22.21 or newer, or run npm ci with optional dependencies.`,
  );
  process.exit(1);
}
