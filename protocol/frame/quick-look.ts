/** Long enough for a slow API server, short enough for a preview. */
const quickLookMs = 8_000;

/**
 * A look at the cluster for a preview: whatever keeps it from answering, in time or at all, is "not known" and never
 * a failed preview.
 */
export async function quickLook<T>(look: () => Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, quickLookMs, null);
  });
  try {
    return await Promise.race([look(), tooLate]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
