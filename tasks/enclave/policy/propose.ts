import { applying } from "./apply.ts";

export default applying("propose");
