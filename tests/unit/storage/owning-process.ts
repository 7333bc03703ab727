/** Run as a process of its own: owns the data folder until it is killed; "taken" or the error's code on stdout. */
import { AppError } from "../../../src/errors.ts";
import { ownDataDir } from "../../../src/storage/control-socket.ts";

try {
  await ownDataDir(process.argv[2] ?? "", {
    // Never ends by itself: what its caller sees is the end of this process.
    wait: (_args, progress) => {
      progress({ waiting: true });
      return new Promise(() => {});
    },
  });
  process.stdout.write("taken\n");
} catch (error) {
  process.stdout.write(`${error instanceof AppError ? error.code : String(error)}\n`);
}
