import { expect, test } from "vitest";
import { scramVerifier } from "../../../../protocol/database/scram.ts";

test("a password becomes what Postgres itself would store", () => {
  // The example of RFC 7677, section 3.
  const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
  expect(scramVerifier("pencil", salt)).toBe(
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$" +
      "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});

test("the same password is stored differently each time", () => {
  expect(scramVerifier("pencil")).not.toBe(scramVerifier("pencil"));
});
