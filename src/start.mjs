/**
 * The entry that every Node can read. The service itself is TypeScript run from source, which an older Node cannot
 * parse: so the version is checked here, in one line that says what to do.
 */
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `需要 Node.js 22.18 或更新版本，现在是 ${process.versions.node}。请用 npm start 启动（npm ci 会带来 Node 24），或安装新版 Node.js。\n` +
      `Node.js 22.18 or newer is needed, this is ${process.versions.node}. Start by "npm start" ("npm ci" brings Node 24), or install a newer Node.js.\n`,
  );
  process.exit(1);
}

if (process.argv.length > 2) await import("./cli.ts");
else await import("./main.ts");
