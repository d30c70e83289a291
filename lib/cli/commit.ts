/** The commit that an executable was built from, which scripts/build.ts puts here; empty in the source. */
export const COMMIT: string = "";
