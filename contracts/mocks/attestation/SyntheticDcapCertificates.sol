// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DcapCertificates, DcapRoot} from "../../attestation/dcap/DcapCertificates.sol";

/// @notice Certificates and CRLs under a root that a test has made.
contract SyntheticDcapCertificates is DcapCertificates {
    constructor(DcapRoot memory root) DcapCertificates(root) {}
}
