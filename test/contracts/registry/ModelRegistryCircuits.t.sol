// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModelRegistry, VersionSpec} from "../../../contracts/interfaces/IModelRegistry.sol";
import {IZkVerifier, SetupKind} from "../../../contracts/interfaces/IZkVerifier.sol";
import {RawAnswerer} from "../../../contracts/mocks/registry/RawAnswerer.sol";
import {VersionId} from "../../../contracts/types/Ids.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {ModelRegistryFixture} from "./ModelRegistryFixture.sol";

/// @notice Circuits: which verifiers a version may bind, and what is read from them.
contract ModelRegistryCircuitsTest is ModelRegistryFixture {
    function testFuzz_circuitOf_answersWhatTheVerifierSaid(uint32 inputBytes, uint32 outputBytes) public {
        inputBytes = uint32(bounded(inputBytes, 1, type(uint32).max));
        outputBytes = uint32(bounded(outputBytes, 1, type(uint32).max));
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(inputBytes, outputBytes));
        VersionId version = publish(zkSpec(address(verifier)));
        (address bound, uint32 input, uint32 output, uint8 binding) = registry.circuitOf(version);
        vm.assertEq(bound, address(verifier), "verifier");
        vm.assertEq(input, inputBytes, "input");
        vm.assertEq(output, outputBytes, "output");
        vm.assertEq(binding, 0, "binding");
        vm.assertEq(registry.versionOf(version).spec.verifier, address(verifier), "verifier of the version");
    }

    /// @dev What the verifier says later does not count.
    function test_circuitOf_keepsTheLayoutOfThePublishing() public {
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        VersionId version = publish(zkSpec(address(verifier)));
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(uint32(1), uint32(1)));
        verifier.setAnswer(IZkVerifier.binding.selector, abi.encode(uint8(1)));
        (, uint32 input, uint32 output, uint8 binding) = registry.circuitOf(version);
        vm.assertEq(input, 67, "input");
        vm.assertEq(output, 11, "output");
        vm.assertEq(binding, 0, "binding");
    }

    function test_circuitOf_saysEveryBinding() public {
        for (uint8 said = 0; said <= 6; ++said) {
            RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
            uint32 input = said & 2 == 0 ? 67 : 32;
            uint32 output = said & 4 == 0 ? 11 : 32;
            verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(input, output));
            verifier.setAnswer(IZkVerifier.binding.selector, abi.encode(said));
            VersionSpec memory spec = zkSpec(address(verifier));
            spec.minor = said;
            (, uint32 inputBytes, uint32 outputBytes, uint8 binding) = registry.circuitOf(publish(spec));
            vm.assertEq(binding, said, "binding");
            vm.assertEq(inputBytes, input, "input");
            vm.assertEq(outputBytes, output, "output");
        }
    }

    /// @dev A committed port is one word, whatever it commits to.
    function testFuzz_publishVersion_reverts_whenACommittedPortIsNotAWord(uint32 length, bool input) public {
        length = uint32(bounded(length, 1, type(uint32).max));
        vm.assume(length != 32);
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        verifier.setAnswer(
            IZkVerifier.layout.selector,
            input ? abi.encode(length, uint32(32)) : abi.encode(uint32(32), length)
        );
        verifier.setAnswer(IZkVerifier.binding.selector, abi.encode(input ? uint8(2) : uint8(4)));
        expectInvalid(address(verifier));
        verifier.setAnswer(IZkVerifier.binding.selector, abi.encode(uint8(6)));
        expectInvalid(address(verifier));
    }

    function testFuzz_publishVersion_reverts_whenTheBindingIsUnknown(uint256 binding) public {
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(uint32(32), uint32(32)));
        verifier.setAnswer(IZkVerifier.binding.selector, abi.encode(bounded(binding, 7, type(uint256).max - 1)));
        expectInvalid(address(verifier));
    }

    function testFuzz_publishVersion_reverts_whenTheBindingIsShort(uint256 length) public {
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        verifier.setAnswer(IZkVerifier.binding.selector, cut(abi.encode(uint8(0)), bounded(length, 0, 31)));
        expectInvalid(address(verifier));
    }

    function test_circuitOf_readsOneSlot() public {
        VersionId version = publish(zkSpec(address(newVerifier(SetupKind.Ceremony))));
        vm.record();
        registry.circuitOf(version);
        (bytes32[] memory reads, ) = vm.accesses(address(registry));
        for (uint256 i = 1; i < reads.length; ++i) vm.assertEq(reads[i], reads[0], "slot");
        vm.assertGe(reads.length, 1, "reads");
    }

    function test_circuitOf_reverts_whenTheVersionHasNone() public {
        VersionId version = publish(plainSpec());
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CircuitMissing.selector, version));
        registry.circuitOf(version);
    }

    function testFuzz_circuitOf_reverts_whenUnknown(VersionId version) public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionUnknown.selector, version));
        registry.circuitOf(version);
    }

    function test_publishVersion_reverts_whenZkHasNoVerifier() public {
        expectInvalid(address(0));
    }

    function testFuzz_publishVersion_reverts_whenTheVerifierHasNoCode(address verifier) public {
        vm.assume(verifier.code.length == 0 && uint160(verifier) > 0xffff);
        expectInvalid(verifier);
    }

    function test_publishVersion_reverts_whenAPrecompileIsNamed() public {
        for (uint160 i = 1; i < 12; ++i) expectInvalid(address(i));
    }

    function test_publishVersion_reverts_whenAVerifierComesWithoutZk() public {
        VersionSpec memory spec = zkSpec(address(newVerifier(SetupKind.Ceremony)));
        spec.kinds = SIGNATURE_BIT;
        expectRefused(spec, abi.encodeWithSelector(IModelRegistry.VerifierInvalid.selector, spec.verifier));
    }

    function test_publishVersion_reverts_whenTheVerifierReverts() public {
        RawAnswerer verifier = new RawAnswerer();
        expectInvalid(address(verifier));
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(uint32(67), uint32(11)));
        expectInvalid(address(verifier));
        verifier.setAnswer(IZkVerifier.setup.selector, abi.encode(SetupKind.Ceremony));
        expectInvalid(address(verifier));
        verifier.setAnswer(IZkVerifier.binding.selector, abi.encode(uint8(0)));
        publish(zkSpec(address(verifier)));
    }

    function testFuzz_publishVersion_reverts_whenTheLayoutIsShort(uint256 length) public {
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        verifier.setAnswer(
            IZkVerifier.layout.selector,
            cut(abi.encode(uint32(67), uint32(11)), bounded(length, 0, 63))
        );
        expectInvalid(address(verifier));
    }

    function testFuzz_publishVersion_reverts_whenTheSetupIsShort(uint256 length) public {
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        verifier.setAnswer(IZkVerifier.setup.selector, cut(abi.encode(SetupKind.Ceremony), bounded(length, 0, 31)));
        expectInvalid(address(verifier));
    }

    function testFuzz_publishVersion_reverts_whenALengthIsOutOfRange(uint256 length) public {
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        uint256 wide = bounded(length, uint256(type(uint32).max) + 1, type(uint256).max - 1);
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(wide, 11));
        expectInvalid(address(verifier));
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(67, wide));
        expectInvalid(address(verifier));
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(0, 11));
        expectInvalid(address(verifier));
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(67, 0));
        expectInvalid(address(verifier));
    }

    function testFuzz_publishVersion_reverts_whenTheSetupIsUnknown(uint256 setup) public {
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        verifier.setAnswer(IZkVerifier.setup.selector, abi.encode(bounded(setup, 2, type(uint256).max - 1)));
        expectInvalid(address(verifier));
    }

    function test_publishVersion_takesAnAnswerThatIsLongerThanNeeded() public {
        RawAnswerer verifier = newVerifier(SetupKind.Ceremony);
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(uint32(67), uint32(11), new bytes(9_000)));
        publish(zkSpec(address(verifier)));
    }

    function test_publishVersion_takesADevelopmentSetupOnLocalChains() public {
        address verifier = address(newVerifier(SetupKind.Development));
        uint256[2] memory local = [uint256(31337), 1337];
        for (uint256 i = 0; i < local.length; ++i) {
            vm.chainId(local[i]);
            VersionSpec memory spec = zkSpec(verifier);
            spec.minor = uint16(i);
            publish(spec);
        }
    }

    function testFuzz_publishVersion_reverts_whenADevelopmentSetupIsBoundElsewhere(uint64 chain) public {
        vm.assume(chain != 31337 && chain != 1337 && chain != 0);
        address verifier = address(newVerifier(SetupKind.Development));
        vm.chainId(chain);
        expectRefused(
            zkSpec(verifier),
            abi.encodeWithSelector(IModelRegistry.DevelopmentSetupOnLiveNetwork.selector, chain, verifier)
        );
    }

    function test_publishVersion_takesACeremonySetupElsewhere() public {
        vm.chainId(1);
        publish(zkSpec(address(newVerifier(SetupKind.Ceremony))));
    }

    function expectInvalid(address verifier) private {
        expectRefused(zkSpec(verifier), abi.encodeWithSelector(IModelRegistry.VerifierInvalid.selector, verifier));
    }

    function cut(bytes memory data, uint256 length) private pure returns (bytes memory) {
        assembly ("memory-safe") {
            mstore(data, length)
        }
        return data;
    }
}
