import { PGlite } from "@electric-sql/pglite";

/**
 * Makes an empty embedded database in the folder given as argument. Run as a process of its own: making one takes
 * about 250 MB that a running process would never give back.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("create-pglite.ts needs a folder");
const pglite = await PGlite.create(folder);
await pglite.query("select 1");
await pglite.close();
