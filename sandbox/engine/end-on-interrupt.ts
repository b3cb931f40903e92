/**
 * Loaded before a program that the engine ends by an interrupt: an orderly end lets Node keep its compiled code for the
 * next run (`NODE_COMPILE_CACHE`), the default one does not.
 */
process.once("SIGINT", () => {
  process.exit(0);
});
