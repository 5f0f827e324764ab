export { AssayError } from "./errors.ts";
export { FieldError } from "./core/field-error.ts";
export { type BytesLike, type Integer, ZERO_ADDRESS, ZERO_HASH } from "./core/fields.ts";
export { LOCAL_CHAIN_IDS, MAX_CALLBACK_GAS, MAX_PAYLOAD_BYTES, MAX_REQUEST_LIFETIME } from "./core/limits.ts";

export { type Dtype, type DtypeInfo, DTYPES, type IntegralDtype } from "./tensor/dtype.ts";
export {
  type FloatTensor,
  type IntegralTensor,
  MAX_RANK,
  MAX_TENSOR_BYTES,
  type Tensor,
  type TensorLimit,
} from "./tensor/tensor.ts";
export { TensorError, TensorErrorCode } from "./tensor/error.ts";
export { encodeTensor } from "./tensor/encode.ts";
export { decodeTensor, decodeTensors } from "./tensor/decode.ts";
export { dequantise, type Quantisation, quantise, type QuantiseOptions } from "./tensor/quantise.ts";
export {
  type DecimalNumber,
  fromNumbers,
  type FromNumbersOptions,
  type NumberTensor,
  toNumbers,
  type ToNumbersOptions,
} from "./tensor/numbers.ts";

export { type CreatorOrigin, modelIdOf, nodeIdOf, type NodeOrigin, policyIdOf, versionIdOf } from "./ids/ids.ts";

export { kindName, ProofKind, SIGNATURE_V1, TEE_V1, ZKML_V1 } from "./proofs/kind.ts";
export { kindSet, kindsInSet, kindsOf, packProofs, ProofPolicyError, unpackProofs } from "./proofs/policy.ts";

export type {
  CallbackTerms,
  Order,
  PackedOrder,
  PackedRequest,
  Request,
  SignedRequest,
  Terms,
} from "./request/types.ts";
export {
  FLAG_PRICED,
  FLAG_STORE_RESULT,
  packCallback,
  packPayment,
  packStamp,
  packTicket,
  unpackCallback,
  unpackPayment,
  unpackTicket,
} from "./request/words.ts";
export { packOrder, packRequest, unpackRequest, unpackSignedRequest } from "./request/pack.ts";
export {
  domainOf,
  type HubDomain,
  REQUEST_TYPES,
  requestMessage,
  SIGNED_REQUEST_TYPES,
  signedRequestMessage,
  STATEMENT_TYPES,
} from "./request/typed-data.ts";
export { requestId, signedRequestId, signRequest } from "./request/id.ts";
export { type RequestedArgs, type RequestedItem, requestFromEvent } from "./request/event.ts";

export { signStatement, type Statement, statementDigest, statementMessage } from "./statement/statement.ts";
export { EvidenceError, EvidenceErrorCode } from "./statement/error.ts";
export {
  decodeEvidence,
  encodeSignatureEvidence,
  encodeTeeEvidence,
  encodeZkmlEvidence,
  type Evidence,
  MAX_EVIDENCE_BYTES,
} from "./statement/evidence.ts";
export type { EvidenceKey } from "./statement/evidence-key.ts";
export { zkContext } from "./zk/context.ts";
export { bytesToWords, publicWords, WORD_BYTES } from "./zk/public-words.ts";
export { bindingBits, bindingFromBits, PACKED_BINDING, type PortVisibility, type ZkBinding } from "./zk/binding.ts";
export { type BoundStatement, boundWords, fingerprintAt, fingerprintPoint } from "./zk/bound-words.ts";
export {
  commitEncoding,
  encodeOpening,
  MAX_OPENING_BYTES,
  type Opening,
  openingOf,
  parseOpening,
  randomSalt,
  SALT_BYTES,
  saltWord,
} from "./zk/commitment.ts";
export { chainStart, poseidonChain } from "./zk/poseidon-chain.ts";
export { statementOf } from "./request/statement-of.ts";
export { BASE_FIELD, SCALAR_FIELD } from "./zk/points.ts";
export { type Groth16Verdict, verifyGroth16 } from "./zk/groth16.ts";
export { ZkFormatError } from "./zk/error.ts";
export { groth16ProofWords, parseVerifyingKey, type VerifyingKey, verifyingKeyHash } from "./zk/verifying-key.ts";

export { encodeReceipt, MAX_RECEIPT_BYTES, parseReceipt, type Receipt, ReceiptError } from "./receipt/receipt.ts";
export {
  type EvidenceReason,
  type EvidenceVerdict,
  type ReceiptTrust,
  type ReceiptVerdict,
  verifyReceipt,
} from "./receipt/verify.ts";

export {
  enclavePoliciesAt,
  type ManifestEnclavePolicy,
  MAX_ENCLAVE_POLICIES,
  type PolicyPlace,
} from "./manifest/enclave-policies.ts";
export {
  encodeManifest,
  type Manifest,
  manifestDigest,
  ManifestError,
  type ManifestFile,
  type ManifestTensor,
  type ManifestZk,
  MAX_MANIFEST_BYTES,
  parseManifest,
} from "./manifest/manifest.ts";

export { ATTESTATION_VERIFIER_ABI } from "./abi/generated/attestation-verifier.ts";
export { DCAP_CERTIFICATES_ABI } from "./abi/generated/dcap-certificates.ts";
export { DCAP_COLLATERAL_ABI } from "./abi/generated/dcap-collateral.ts";
export { ENCLAVE_REGISTRY_ABI } from "./abi/generated/enclave-registry.ts";
export { ERRORS_ABI } from "./abi/generated/errors.ts";
export { INFERENCE_CONSUMER_ABI } from "./abi/generated/inference-consumer.ts";
export { INFERENCE_HUB_ABI } from "./abi/generated/inference-hub.ts";
export { MODEL_REGISTRY_ABI } from "./abi/generated/model-registry.ts";
export { NITRO_CERTIFICATES_ABI } from "./abi/generated/nitro-certificates.ts";
export { NODE_REGISTRY_ABI } from "./abi/generated/node-registry.ts";
export { PROOF_ADAPTER_ABI } from "./abi/generated/proof-adapter.ts";
export { PROOF_ROUTER_ABI } from "./abi/generated/proof-router.ts";
export { ZK_VERIFIER_ABI } from "./abi/generated/zk-verifier.ts";
export { type ContractErrorInfo, decodeContractError } from "./abi/decode-error.ts";
export { contractErrorOf, ContractRevertError, EventMismatchError, RpcError } from "./client/errors.ts";
export { type Credit, type FindOptions, type FoundRequest, HubClient } from "./client/hub-client.ts";
export {
  NODE_STATUSES,
  type NodeStatus,
  REQUEST_STATUSES,
  type RequestStatus,
  VERSION_STATUSES,
  type VersionStatus,
} from "./client/statuses.ts";
export * from "./attestation/index.ts";
