const started = performance.now();

/** A step that takes longer than this is announced before it ends, in milliseconds. */
const announceAfter = 1500;

/**
 * Prints one line to standard error, after the time since the program began.
 * @param text What is happening or has happened.
 */
export function report(text: string): void {
  process.stderr.write(`[${seconds(performance.now() - started).padStart(6)}s] ${text}\n`);
}

/**
 * Runs one step and reports that it is done and how long that took; a slow one is also announced while it runs.
 * @param name What the step does, in the words of the reader.
 * @throws Whatever the step throws, after reporting that it failed.
 */
export async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const announcement = setTimeout(() => {
    report(`${name} …`);
  }, announceAfter);
  try {
    const result = await work();
    report(`${name} … done ${seconds(performance.now() - begun)}s`);
    return result;
  } catch (error) {
    report(`${name} … FAILED after ${seconds(performance.now() - begun)}s`);
    throw error;
  } finally {
    clearTimeout(announcement);
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
