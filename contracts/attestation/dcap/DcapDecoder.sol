// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Certificate, X509} from "../../libraries/X509.sol";
import {IntelCertificate, IntelFields} from "../../libraries/intel/IntelCertificate.sol";
import {IntelCrl, RevocationList} from "../../libraries/intel/IntelCrl.sol";
import {Pem} from "../../libraries/intel/Pem.sol";
import {SgxExtension, SgxPlatform} from "../../libraries/intel/SgxExtension.sol";

/// @notice Decodes Intel's certificates and CRLs. A contract of its own for the size of it; without state.
/// @dev Not checked here: signatures, times, and who issued what.
contract DcapDecoder {
    /// @notice Thrown when a certificate that should be for a platform has no SGX extension.
    error SgxExtensionMissing();

    /// @notice Decodes the certificate of an authority or signer, and writes it as PEM.
    function decodeAuthority(
        bytes calldata der
    ) external pure returns (Certificate memory cert, IntelFields memory fields, bytes memory pem) {
        cert = X509.decode(der);
        fields = IntelCertificate.decode(der);
        pem = Pem.encode(der);
    }

    /// @notice Decodes a PCK certificate, and writes it as PEM.
    function decodePck(
        bytes calldata der
    )
        external
        pure
        returns (Certificate memory cert, IntelFields memory fields, SgxPlatform memory platform, bytes memory pem)
    {
        cert = X509.decode(der);
        fields = IntelCertificate.decode(der);
        require(fields.sgxEnd != 0, SgxExtensionMissing());
        platform = SgxExtension.decode(der, fields.sgxStart, fields.sgxEnd);
        pem = Pem.encode(der);
    }

    /// @notice Decodes a CRL.
    function decodeCrl(bytes calldata der) external pure returns (RevocationList memory list) {
        list = IntelCrl.decode(der);
    }
}
