import { z } from "zod";
import { consent } from "./setting-rules.ts";
import { setting } from "./setting.ts";

/** Consent to things a run does not do by itself. Each is for one run. */
export const consentSettings = {
  adoptExisting: setting(consent(), {
    default: false,
    description:
      "Consent to take over what exists already in the cluster and in Vault but is not in the stack's state. That is so after a lost state. Set it to true for the one run that does so.",
  }),
  takeBackFields: setting(consent(), {
    default: false,
    description:
      "Consent to take back fields of the stack's objects in the cluster that somebody set by hand, or a controller did. Without it a run that would change one of them stops with a conflict. Set it to true for the one run that does so.",
  }),
  allowDataLoss: setting(
    z.array(z.string({ error: "must be text; quote it" }), {
      error: "must be a list of names of resources; set each with `pulumi config set --path`",
    }),
    {
      default: [],
      description:
        "Consent to lose the data of these resources, by their names in the program. They are mounts of engines, the keys of Vault, volumes and databases that a run would remove or replace. Set it for the one run that does so; a name that the run would not lose is refused.",
      examples: [["secret"]],
    },
  ),
};
