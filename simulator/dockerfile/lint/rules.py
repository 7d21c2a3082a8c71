"""The catalogue of rules: the builder's message, why it matters, and what to do.

Names and messages are those of BuildKit's linter (frontend/dockerfile/linter); the explanations
are ours. ``{}`` in a message takes what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Experimental rules are off unless asked for."""

    name: str
    message: str
    explanation: str
    advice: str
    experimental: bool = False
    will_become_error: bool = False


_ALL = (
    Rule(
        "StageNameCasing",
        "Stage name '{}' should be lowercase",
        "The builder lower-cases stage names, so Builder and builder are one stage. A name that is "
        "written in capitals suggests a difference that does not exist.",
        "Write the stage name in lower case, here and wherever --from or FROM refers to it.",
    ),
    Rule(
        "FromAsCasing",
        "'{}' and '{}' keywords' casing do not match",
        "FROM and AS are one statement. Mixed casing builds, but it makes the eye stumble exactly "
        "where a stage begins, which is the first thing a reader looks for.",
        "Write both in the same case: FROM ... AS ..., or from ... as ...",
    ),
    Rule(
        "NoEmptyContinuation",
        "Empty continuation line",
        "A backslash joins a line with the next one. When that is empty, old builders went on to "
        "the line after it, so a forgotten backslash silently swallowed the next instruction. The "
        "builder still tolerates it and has announced that it will stop.",
        "Remove the empty line, or put a comment line (#) there to keep the gap.",
        will_become_error=True,
    ),
    Rule(
        "ConsistentInstructionCasing",
        "Command '{}' should match the case of the command majority ({})",
        "Keywords may be written in any case. When most are in capitals and a few are not, the odd "
        "ones read like part of a command instead of an instruction.",
        "Write all keywords in one case; capitals are the custom.",
    ),
    Rule(
        "DuplicateStageName",
        'Duplicate stage name "{}", stage names should be unique',
        "When two stages share a name, --from and --target can mean only one of them, and which "
        "one depends on where they are used. The other can no longer be reached by name.",
        "Give every stage a name of its own.",
    ),
    Rule(
        "ReservedStageName",
        'Stage name should not use the same name as reserved stage "{}"',
        "scratch stands for the empty image and context for the files sent to the builder. A stage "
        "with such a name cannot be told apart from them by FROM or COPY --from.",
        "Choose another name for the stage.",
    ),
    Rule(
        "JSONArgsRecommended",
        "JSON arguments recommended for {} to prevent unintended behavior related to OS signals",
        "A plain line is run by /bin/sh -c, so the shell is process 1 and your program its child. "
        "docker stop sends SIGTERM to process 1 only; the shell does not pass it on, the program "
        "never hears it, and after ten seconds everything is killed with work half done.",
        'Write a JSON array, such as ["python", "app.py"]. If you need the shell\'s features, set '
        "SHELL, or start the program with exec in a script.",
    ),
    Rule(
        "MaintainerDeprecated",
        "Maintainer instruction is deprecated in favor of using label",
        "MAINTAINER fills one old field of the image that few tools read. A label says the same, "
        "can be searched for, and can stand beside others.",
        'Write LABEL org.opencontainers.image.authors="name@example.com".',
    ),
    Rule(
        "UndefinedArgInFrom",
        "FROM argument '{}' is not declared{}",
        "FROM sees only the ARGs above the first FROM and the builder's own platform arguments. "
        "An undeclared one is the empty text, and --build-arg cannot set it either.",
        "Declare it with ARG above the first FROM, with a default; or correct its name.",
    ),
    Rule(
        "WorkdirRelativePath",
        'Relative workdir "{}" can have unexpected results if the base image changes',
        "A relative WORKDIR continues from wherever the base image happens to be. A new version of "
        "that image may begin elsewhere, and your files then land in another folder.",
        "Begin with an absolute path, such as WORKDIR /app; later ones may be relative.",
    ),
    Rule(
        "UndefinedVar",
        "Usage of undefined variable '${}'{}",
        "A variable that neither ENV nor ARG of this stage has set is the empty text. The build "
        "goes on with half a path, and the mistake shows much later. ARGs above the first FROM do "
        "not reach into a stage unless it names them again.",
        "Declare it in this stage with ARG or ENV before this line, or correct its name.",
    ),
    Rule(
        "MultipleInstructionsDisallowed",
        "Multiple {} instructions should not be used in the same stage because only the last one "
        "will be used",
        "An image has one command, one entrypoint and one health check. The last one in a stage "
        "wins; earlier ones have no effect at all and mislead whoever reads only the top.",
        "Remove all but the last one.",
    ),
    Rule(
        "LegacyKeyValueFormat",
        '"{0} key=value" should be used instead of legacy "{0} key value" format',
        "Without =, everything after the name is the value, spaces and further names included. "
        "The two forms look alike and mean different things as soon as a second pair is added.",
        'Write key=value, with quotes around a value that holds spaces: key="a b".',
    ),
    Rule(
        "RedundantTargetPlatform",
        "Setting platform to predefined {} in FROM is redundant as this is the default behavior",
        "A stage is built for the target platform unless something else is said. Saying it again "
        "adds nothing, and hides the stages where --platform really matters.",
        "Remove --platform; keep it where it says $BUILDPLATFORM.",
    ),
    Rule(
        "SecretsUsedInArgOrEnv",
        'Do not use ARG or ENV instructions for sensitive data ({} "{}")',
        "Values of ENV are stored in the image's configuration, and ARG values in its history. "
        "Anybody who can pull the image can read both, even if a later line unsets them.",
        "Pass it at build time with RUN --mount=type=secret, and at run time from outside.",
    ),
    Rule(
        "InvalidDefaultArgInFrom",
        "Default value for ARG {} results in empty or invalid base image name",
        "With the defaults in this file the name of the base image is empty or malformed, such as "
        "alpine: without a tag. The build works only for those who know which --build-arg to give.",
        "Give the ARG a default that makes a valid name, or use ${NAME:-default} in FROM.",
    ),
    Rule(
        "FromPlatformFlagConstDisallowed",
        'FROM --platform flag should not use constant value "{}"',
        "A fixed platform means that this stage is the same for every target: on another "
        "architecture the image is emulated or does not start, and no --platform can change it.",
        "Leave it out, use $BUILDPLATFORM or $TARGETPLATFORM, or put the architecture into the "
        "stage's name if it is meant so.",
    ),
    Rule(
        "CopyIgnoredFile",
        'Attempting to {} file "{}" that is excluded by .dockerignore',
        "Files that .dockerignore names are never sent to the builder. Copying one of them fails "
        "with 'not found', although it is plainly there in your folder.",
        "Take it out of .dockerignore, let it back in with a ! line, or do not copy it.",
    ),
    Rule(
        "InvalidDefinitionDescription",
        "Comment for {} should follow the format: `# {} <description>`",
        "docker build --call=outline shows the comment above an ARG or a named stage as its "
        "description, if it begins with the name. Other comments there look like one and are not.",
        "Begin the comment with the name, or part it from the line below by an empty line.",
        experimental=True,
    ),
    Rule(
        "ExposeProtoCasing",
        "Defined protocol '{}' in EXPOSE instruction should be lowercase",
        "Protocols are stored in lower case, and tools compare them as text: UDP and udp may be "
        "taken for two different ports.",
        "Write tcp, udp or sctp in lower case.",
    ),
    Rule(
        "ExposeInvalidFormat",
        "EXPOSE instruction should not define an IP address or host-port mapping, found '{}'",
        "EXPOSE notes on which port the program listens inside the container. It publishes "
        "nothing; which address and port of the host lead there is decided at docker run -p.",
        "Name only the container's port, and publish it with docker run -p HOST:CONTAINER.",
        will_become_error=True,
    ),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in _ALL})
ORDER: Mapping[str, int] = MappingProxyType({rule.name: i for i, rule in enumerate(_ALL)})
