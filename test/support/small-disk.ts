import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A disk of a few megabytes in the place of a folder. */
export interface SmallDisk {
  /** Leaves no room on it. */
  fill(): void;
  /** Gives that room back. */
  free(): void;
  /** Takes it away once nothing uses it any more. */
  remove(): void;
}

/**
 * Mounts a disk of its own over the folder of a volume, with the folder's owner and rights. What the folder holds is
 * hidden meanwhile, and a container sees the disk from its next start on.
 */
export function smallDisk(folder: string, megabytes: number): SmallDisk {
  const { mode, uid, gid } = statSync(folder);
  const options = `size=${megabytes}m,mode=${(mode & 0o7777).toString(8)},uid=${uid},gid=${gid}`;
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  const filler = join(folder, "filler");
  return {
    fill: () => {
      for (let { bavail, bsize } = statfsSync(folder); bavail > 0; { bavail, bsize } = statfsSync(folder)) {
        writeFileSync(filler, Buffer.alloc(bavail * bsize), { flag: "a" });
      }
    },
    free: () => {
      rmSync(filler);
    },
    remove: () => {
      execFileSync("umount", ["--lazy", folder]);
    },
  };
}
