import { applying } from "./apply.ts";

// What `restrict` does, for the operator who means to take something off a policy now: a measurement unless --kind says else.
export default applying("restrict", "measurement");
