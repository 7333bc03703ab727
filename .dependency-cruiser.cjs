/**
 * Which folder may import which, as errors: the directions of ARCHITECTURE.md. Run through
 * `scripts/check-imports.ts`, which also fails when nothing was read.
 */

/** Paths of a folder or a file below `src`, as a regular expression. */
const inside = (...names) => `^src/(${names.join("|")})`;

/** The module may import only what `allowed` matches, of everything below `src`. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { path: "^src/", pathNot: allowed },
});

/** A vendor's package may be imported only by the files that adapt it. */
const vendor = (name, packages, files) => ({
  name: `vendor-${name}`,
  comment: "A vendor's SDK is imported only in the file that adapts it.",
  severity: "error",
  from: { path: "^src/", pathNot: files },
  to: { path: `node_modules/(${packages})/` },
});

/** Where the service, its worker threads and its pages begin. */
const entries = inside(
  "start\\.mjs",
  "knowledge/generations/build-worker\\.ts",
  "knowledge/formats/extract-worker\\.ts",
  "storage/create-pglite\\.ts",
  "attachments/[a-z]+-process\\.ts",
  "pages/[^/]+/(main\\.tsx|embed\\.ts)",
);

module.exports = {
  forbidden: [
    only(
      "errors-know-nothing",
      inside("errors\\.ts"),
      [],
      "Every module raises these errors: they know none of them.",
    ),
    only(
      "telemetry-knows-nothing",
      inside("telemetry/"),
      [inside("telemetry/", "errors\\.ts")],
      "Modules say what happened through small ports of their own.",
    ),
    only(
      "knowledge-stands-alone",
      inside("knowledge/"),
      [inside("knowledge/", "errors\\.ts")],
      "The knowledge declares its own store and embedder ports.",
    ),
    only(
      "answering-rests-on-knowledge",
      inside("answering/"),
      [inside("answering/", "knowledge/", "errors\\.ts")],
      "An answer is made from passages and of nothing else.",
    ),
    only(
      "messaging-knows-a-turn-handler",
      inside("messaging/"),
      [inside("messaging/", "errors\\.ts", "answering/grounded-answer\\.ts")],
      "Messages are carried without knowing how they are answered.",
    ),
    only(
      "conversation-joins-answers-and-messages",
      inside("conversation/"),
      [
        inside(
          "conversation/",
          "answering/",
          "messaging/(turn-handler|message|conversation-store|refusal-reason)\\.ts",
          "knowledge/documents/(local-data|regions)\\.ts",
          "errors\\.ts",
        ),
      ],
      "A turn uses answers, the ports of messaging and the federation's own data.",
    ),
    only(
      "channels-only-carry",
      inside("channels/"),
      [inside("channels/", "messaging/", "errors\\.ts", "answering/grounded-answer\\.ts")],
      "A channel receives, sends, verifies; an answer is a shape to it.",
    ),
    {
      name: "channels-do-not-know-each-other",
      comment: "Adding or removing a channel touches no other one.",
      severity: "error",
      from: { path: "^src/channels/([^/]+)/" },
      to: { path: "^src/channels/", pathNot: "^src/channels/($1/|[^/]+$)" },
    },
    only(
      "storage-implements-ports",
      inside("storage/"),
      [
        inside(
          "storage/",
          "errors\\.ts",
          "(knowledge|messaging|attachments|integrations|doors)/",
          "answering/grounded-answer\\.ts",
        ),
      ],
      "Storage implements the stores that other modules declare.",
    ),
    {
      name: "storage-needs-types-only",
      comment: "Of the modules whose ports it implements, storage knows the types.",
      severity: "error",
      from: { path: inside("storage/") },
      to: {
        path: inside("(knowledge|messaging|attachments|integrations|doors|answering)/"),
        dependencyTypesNot: ["type-only"],
      },
    },
    only(
      "attachments-serve-messages",
      inside("attachments/"),
      [inside("attachments/", "messaging/", "errors\\.ts")],
      "What comes with a message is kept and read without knowing what is answered.",
    ),
    only(
      "integrations-stand-beside-the-channels",
      inside("integrations/"),
      [inside("integrations/", "messaging/", "answering/grounded-answer\\.ts", "errors\\.ts")],
      "Other systems read conversations through the ports of messaging.",
    ),
    only(
      "doors-know-districts",
      inside("doors/"),
      [inside("doors/", "knowledge/documents/local-data\\.ts", "errors\\.ts")],
      "A door is a code of a place.",
    ),
    only(
      "jobs-run-use-cases",
      inside("jobs/"),
      [inside("jobs/", "errors\\.ts")],
      "Timed work is handed in as functions.",
    ),
    only(
      "http-mounts-routes",
      inside("http/"),
      [inside("http/", "errors\\.ts", "telemetry/")],
      "Routes of the product are mounted by app.ts, not known here.",
    ),
    {
      name: "http-needs-types-of-telemetry-only",
      comment: "The logger and the metrics are handed in.",
      severity: "error",
      from: { path: inside("http/") },
      to: { path: inside("telemetry/"), dependencyTypesNot: ["type-only"] },
    },
    only(
      "command-line-uses-the-app",
      inside("cli/"),
      [
        inside(
          "cli/",
          "app\\.ts",
          "errors\\.ts",
          "knowledge/",
          "answering/",
          "conversation/",
          "channels/(terminal/|telegram/(api|introduce)\\.ts|channel-host\\.ts)",
          "(doors|integrations|messaging|storage)/",
          "(telemetry/logger|config)\\.ts",
        ),
      ],
      "The command line speaks to the running service or builds its own parts through app.ts.",
    ),
    only(
      "pages-run-in-the-browser",
      inside("pages/"),
      [inside("pages/")],
      "A page knows the service by its API only.",
    ),
    {
      name: "pages-are-not-imported",
      comment: "The browser's code never runs in the service.",
      severity: "error",
      from: { path: "^src/", pathNot: inside("pages/") },
      to: { path: inside("pages/") },
    },
    {
      name: "config-is-read-at-the-edge",
      comment: "Settings reach a module as arguments.",
      severity: "error",
      from: { path: "^src/", pathNot: inside("(main|cli|app|config)\\.ts", "(cli|service)/") },
      to: { path: inside("config\\.ts") },
    },
    {
      name: "config-is-a-type-for-commands",
      comment: "Commands are handed the configuration that cli.ts read.",
      severity: "error",
      from: { path: inside("(cli|service)/", "app\\.ts") },
      to: { path: inside("config\\.ts"), dependencyTypesNot: ["type-only"] },
    },
    {
      name: "app-is-the-root",
      comment: "Only the entries and the commands build the application.",
      severity: "error",
      from: { path: "^src/", pathNot: inside("(main|cli)\\.ts", "(cli|service)/") },
      to: { path: inside("app\\.ts") },
    },
    {
      name: "service-is-started-by-main",
      comment: "The service joins every part; no part knows it.",
      severity: "error",
      from: { path: "^src/", pathNot: inside("main\\.ts", "service/") },
      to: { path: inside("service/") },
    },
    {
      name: "product-knows-no-tests-or-scripts",
      comment: "What ships does not need what checks it.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(tests|scripts)/" },
    },
    {
      name: "scripts-know-no-tests",
      comment:
        "Scripts run where the tests' packages are not installed; chaos, bench and the recording use the test servers.",
      severity: "error",
      from: { path: "^scripts/", pathNot: "^scripts/(chaos/|bench/|record-conversations\\.ts)" },
      to: { path: "^tests/" },
    },
    {
      name: "no-cycles",
      comment: "Modules that import each other cannot be understood or tested alone.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unused-modules",
      comment: "Every file of the service is reached from an entry.",
      severity: "error",
      from: { path: entries },
      to: { path: "^src/", reachable: false, pathNot: entries },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere hides from the other rules.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "declared-dependencies",
      comment: "What ships needs only what `npm ci --omit=dev` installs.",
      severity: "error",
      from: { path: "^src/", pathNot: inside("pages/") },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        dependencyTypesNot: ["type-only"],
      },
    },

    vendor("database", "kysely|pg|@electric-sql/.*", inside("storage/")),
    vendor(
      "openai",
      "@langchain/openai|openai",
      inside(
        "answering/chat-model\\.ts",
        "knowledge/embedding/remote-embedder\\.ts",
        "attachments/transcriber\\.ts",
      ),
    ),
    vendor(
      "langchain",
      "@langchain/core",
      inside("answering/chat-model\\.ts", "knowledge/embedding/embedder\\.ts"),
    ),
    vendor("loaders", "@langchain/community|unpdf|mammoth|html-to-text|yauzl", inside("knowledge/formats/")),
    vendor("jieba", "@node-rs/jieba", inside("knowledge/retrieval/tokenizer\\.ts")),
    vendor(
      "vectors",
      "hnswlib-node",
      inside("knowledge/retrieval/(hnsw-vector-index|open-vector-index)\\.ts"),
    ),
    vendor(
      "http",
      "hono|@hono/.*",
      inside("http/", "channels/(web|telegram|wechat)/", "integrations/", "service/"),
    ),
    vendor("telegram", "grammy", inside("channels/telegram/")),
    vendor("wechat", "wechaty|wechaty-puppet.*|file-box", inside("channels/wechat/")),
    vendor("jobs", "pg-boss", inside("jobs/")),
    vendor("qr-codes", "uqr", inside("doors/", "channels/wechat/")),
    vendor("object-storage", "aws4fetch", inside("storage/s3-files\\.ts")),
    vendor("limits", "rate-limiter-flexible", inside("http/rate-limiter\\.ts")),
    vendor(
      "breaker",
      "cockatiel",
      inside("answering/resilient-model\\.ts", "knowledge/retrieval/reranker\\.ts"),
    ),
    vendor("log", "pino", inside("telemetry/logger\\.ts")),
    vendor("metrics", "prom-client", inside("telemetry/(road-)?metrics\\.ts")),
    vendor("command-line", "commander", inside("cli\\.ts", "cli/(admin|knowledge)-program\\.ts")),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.(css|svg|html)$" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".cjs", ".js", ".json", ".d.ts"],
    },
  },
};
