"""Wire models of the RXON worker protocol: what workers and orchestrators send each other."""

from fw_rxon.access import TokenAnswer, TokenRefresh
from fw_rxon.artifact import Artifact
from fw_rxon.capabilities import Capabilities
from fw_rxon.codec import decode, decode_answer, encode
from fw_rxon.command import CANCEL_TASK, Command
from fw_rxon.complaint import Complaint, complaint_of
from fw_rxon.device import Device
from fw_rxon.error_code import ErrorCode, FailureKind, failure_kind
from fw_rxon.heartbeat import Heartbeat
from fw_rxon.heartbeat_answer import HeartbeatAnswer
from fw_rxon.identifier import IDENTIFIER_PATTERN, check_identifier, is_identifier
from fw_rxon.ignored_reason import IgnoredReason
from fw_rxon.paths import (
    EVENTS_PATH,
    REFRESH_PATH,
    REGISTER_PATH,
    RESULT_PATH,
    TOKEN_PATH,
    WORKER_PREFIX,
    heartbeat_path,
    poll_path,
    socket_path,
)
from fw_rxon.protocol import CLIENT_TOKEN_HEADER, PROTOCOL_VERSION, TOKEN_HEADER, VERSION_HEADER, WORKER_ID_HEADER
from fw_rxon.reception import Reception
from fw_rxon.record import Record
from fw_rxon.registered import Registered
from fw_rxon.registration import Registration
from fw_rxon.resources import Resources
from fw_rxon.result_answer import ResultAnswer
from fw_rxon.signature import canonical, is_signed, sign, sign_own
from fw_rxon.skill import Skill
from fw_rxon.status import AnswerStatus, TaskStatus, WorkerStatus
from fw_rxon.task_error import TaskError
from fw_rxon.task_message import FileMetadata, TaskMessage
from fw_rxon.task_result import TaskResult
from fw_rxon.usage import DeviceUsage, Usage
from fw_rxon.wire_error import WireError
from fw_rxon.worker_event import WorkerEvent

__all__ = [
    "CANCEL_TASK",
    "CLIENT_TOKEN_HEADER",
    "EVENTS_PATH",
    "IDENTIFIER_PATTERN",
    "PROTOCOL_VERSION",
    "REFRESH_PATH",
    "REGISTER_PATH",
    "RESULT_PATH",
    "TOKEN_HEADER",
    "TOKEN_PATH",
    "VERSION_HEADER",
    "WORKER_ID_HEADER",
    "WORKER_PREFIX",
    "AnswerStatus",
    "Artifact",
    "Capabilities",
    "Command",
    "Complaint",
    "Device",
    "DeviceUsage",
    "ErrorCode",
    "FailureKind",
    "FileMetadata",
    "Heartbeat",
    "HeartbeatAnswer",
    "IgnoredReason",
    "Reception",
    "Record",
    "Registered",
    "Registration",
    "Resources",
    "ResultAnswer",
    "Skill",
    "TaskError",
    "TaskMessage",
    "TaskResult",
    "TaskStatus",
    "TokenAnswer",
    "TokenRefresh",
    "Usage",
    "WireError",
    "WorkerEvent",
    "WorkerStatus",
    "canonical",
    "check_identifier",
    "complaint_of",
    "decode",
    "decode_answer",
    "encode",
    "failure_kind",
    "heartbeat_path",
    "is_identifier",
    "is_signed",
    "poll_path",
    "sign",
    "sign_own",
    "socket_path",
]
