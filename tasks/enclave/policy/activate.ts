import { applying } from "./apply.ts";

export default applying("activate");
