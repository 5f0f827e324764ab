// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INitroCertificates} from "../../interfaces/INitroCertificates.sol";
import {CrlDecoder, CrlP384} from "../../libraries/x509/CrlP384.sol";
import {Signed384} from "../../libraries/x509/Signed384.sol";
import {NitroChain} from "./NitroChain.sol";

/// @notice Takes AWS's revocation lists from anyone.
abstract contract NitroRevocations is NitroChain {
    /// @dev Longest revocation list, in bytes.
    uint256 private constant MAX_CRL_BYTES = 16_384;

    /// @dev INV-A3: never falls. `postRevocations` takes newer lists only, in the order of `thisUpdate`: numbers of lists
    /// need not grow.
    mapping(bytes32 issuer => uint64 thisUpdate) private _latest;

    /// @inheritdoc INitroCertificates
    function postRevocations(bytes[] calldata chain, bytes calldata crl, bytes[] calldata hints) external {
        require(chain.length <= MAX_CHAIN, ChainLengthInvalid(chain.length, MAX_CHAIN));
        require(hints.length == chain.length + 1, HintsCountInvalid(hints.length, chain.length + 1));
        require(crl.length <= MAX_CRL_BYTES, RevocationsTooLong(crl.length, MAX_CRL_BYTES));
        Link memory issuer = _cacheChain(chain, hints);
        // What may sign lists is an authority too.
        require(issuer.kind != LEAF, AuthorityUnexpected(chain.length, false));
        require(issuer.kind == CRL_AUTHORITY, CrlSignerInvalid(chain.length));

        (bytes calldata tbs, bytes memory signature) = Signed384.split(crl);
        CrlP384 memory list = CrlDecoder.decode(tbs);
        bytes memory key = _keyOf(issuer);
        require(identityOf(list.issuer, key) == issuer.identity, IssuerMismatch(chain.length + 1));
        require(
            list.thisUpdate <= block.timestamp && block.timestamp <= list.nextUpdate,
            RevocationsNotCurrent(list.thisUpdate, list.nextUpdate)
        );
        uint64 latest = _latest[issuer.identity];
        require(list.thisUpdate > latest, RevocationsNotNewer(list.thisUpdate, latest));
        require(_isSigned(tbs, signature, key, hints[chain.length]), SignatureMismatch(chain.length + 1));

        _latest[issuer.identity] = list.thisUpdate;
        emit RevocationsPosted(issuer.identity, list.thisUpdate, list.nextUpdate, list.serials.length);
        for (uint256 i = 0; i < list.serials.length; ++i) _revoke(issuer.identity, list.serials[i]);
    }

    /// @inheritdoc INitroCertificates
    function revocationsOf(bytes32 issuer) external view returns (uint64 thisUpdate) {
        return _latest[issuer];
    }
}
