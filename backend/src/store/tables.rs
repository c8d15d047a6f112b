//! Names of tables and columns, so that no statement spells them itself.

use sea_query::Iden;

macro_rules! tables {
    ($($(#[$doc:meta])* $table:ident { $($column:ident),+ $(,)? })+) => {
        $($(#[$doc])* #[derive(Clone, Copy, Debug, Iden)]
        pub enum $table { Table, $($column),+ })+
    };
}

tables! {
    Setting { Name, Value }
    Account {
        Id, Name, Title, RegistrationKey, AutoRegister, MaxPending, MaxNumComputers,
        MaxNumProfiles, MinInterval, CreatedAt,
    }
    AccessGroup { Id, AccountId, Name, Title, ParentId, Path }
    Person {
        Id, AccountId, Username, Email, Name, PasswordHash, Role, Disabled, TokenEpoch, CreatedAt,
    }
    PersonAccessGroup { PersonId, AccessGroupId }
    Session { TokenHash, PersonId, CreatedAt, ExpiresAt }
    Computer {
        Id, AccountId, AccessGroupId, State, Title, Comment, Hostname, MachineId, VmInfo,
        ContainerInfo, SuggestedAccessGroup, TotalMemory, TotalSwap, Distributor, Distribution,
        Description, CodeName, RebootRequired, UpdateManagerPrompt, Processors, NetworkDevices,
        Annotations, CloneOfId, RegisteredAt, EnrolledAt, LastExchangeAt, LastPingAt, SecureIdHash,
        InsecureId, ExchangeTokenHash, ExpectedSequence, NextSequence, SequenceKnown,
        ClientAcceptedTypes, SentAcceptedTypes,
    }
    ComputerTag { ComputerId, Tag }
    Script {
        Id, AccountId, AccessGroupId, Title, ScriptType, Status, VersionNumber, Interpreter, Code,
        TimeLimit, Username, CreatedBy, CreatedAt, EditedBy, EditedAt,
    }
    ScriptVersion { Id, ScriptId, VersionNumber, Title, Interpreter, Code, CreatedBy, CreatedAt }
    ScriptProfile {
        Id, AccountId, AccessGroupId, ScriptId, Title, AllComputers, TimeLimit, Username,
        TriggerType, EventType, RunAt, Cron, StartAfter, TriggerVersion, NextRunAt, LastPlannedAt,
        LastRunAt, CreatedBy, CreatedAt, EditedAt, ArchivedAt,
    }
    ScriptProfileTag { ScriptProfileId, Tag }
    Activity {
        Id, AccountId, AccessGroupId, ParentId, ActivityType, Summary, Status, CreatorId,
        ComputerId, ScriptProfileId, ScriptId, ScriptVersion, Username, TimeLimit,
        DeliverDelayWindow, DeliverAfter, CreatedAt, ModifiedAt, ApprovedAt, DeliveredAt,
        CompletedAt, ResultCode, ResultText, ExitCode, OutputTruncated,
    }
    ProfileRun { Id, ScriptProfileId, Occurrence, DueAt, FiredAt, Outcome, ActivityId }
    ActivityOutput { ActivityId, Seq, ReceivedAt, ByteOffset, Text }
    AgentMessage { ComputerId, Sequence, ActivityId, Body }
}
