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
        MaxNumProfiles, MinInterval, CreatedAt, AuditRetentionPeriod, MaxAdministrators,
    }
    AccessGroup { Id, AccountId, Name, Title, Description, ParentId, Path }
    Person {
        Id, AccountId, Username, Email, Name, PasswordHash, Disabled, TokenEpoch, CreatedAt,
        Timezone, PreferredAccount, LastLoginAt, LastLoginHost, FailedLogins, LastFailedLoginAt,
        FirstLoginAt, ShowGettingStarted, IsBootstrap, IsExternal,
    }
    Role { Id, AccountId, Key, Name, Description, Permissions, ReadOnly, CreatedAt }
    RoleAccessGroup { RoleId, AccessGroupId }
    PersonRole { PersonId, RoleId }
    Invitation { Id, AccountId, SecureIdHash, Name, Email, CreatedAt, ExpiresAt }
    InvitationRole { InvitationId, RoleId }
    Session {
        Id, TokenHash, PersonId, CreatedAt, ExpiresAt, TokenExpiresAt, LastUsedAt, Address, UserAgent,
    }
    AccessKey {
        Id, PersonId, AccessKey, SecretKey, Title, IsDefault, CreatedAt, LastUsedAt, LastAddress,
    }
    SpentSignature { Digest, FirstAt }
    Event { Id, AccountId, CreatedAt, PersonId, PersonName, EntityType, EntityId, EntityName, Message }
    Computer {
        Id, AccountId, AccessGroupId, State, Title, Comment, Hostname, MachineId, VmInfo,
        ContainerInfo, SuggestedAccessGroup, TotalMemory, TotalSwap, Distributor, Distribution,
        Description, CodeName, RebootRequired, RebootRequiredAt, RebootPackages,
        PackageReportFailedAt, UpgradesSince, SecurityUpgradesSince, UpdateManagerPrompt, Processors, CloneOfId, RegisteredAt, EnrolledAt, LastExchangeAt, LastPingAt, SecureIdHash,
        InsecureId, ExchangeTokenHash, ExpectedSequence, NextSequence, SequenceKnown,
        ClientAcceptedTypes, SentAcceptedTypes, UsersRenewed, PackagesRenewed, ServerUuid,
    }
    ComputerTag { ComputerId, Tag }
    ComputerAnnotation { ComputerId, Name, Value, Reported }
    ComputerNetworkDevice {
        ComputerId, Position, Interface, IpAddress, MacAddress, BroadcastAddress, Netmask,
    }
    Alert { AccountId, AlertType, AllComputers, DismissedAt }
    AlertTag { AccountId, AlertType, Tag }
    AlertSubscription { PersonId, AlertType, CreatedAt }
    Script {
        Id, AccountId, AccessGroupId, Title, ScriptType, Status, VersionNumber, Interpreter, Code,
        TimeLimit, Username, CreatedBy, CreatedAt, EditedBy, EditedAt,
    }
    ScriptAttachment { Id, ScriptId, Filename, Content, Size, CreatedAt }
    ScriptVersion { Id, ScriptId, VersionNumber, Title, Interpreter, Code, CreatedBy, CreatedAt }
    ScriptProfile {
        Id, AccountId, AccessGroupId, ScriptId, Title, AllComputers, TimeLimit, Username,
        TriggerType, EventType, RunAt, Cron, StartAfter, TriggerVersion, NextRunAt, LastPlannedAt,
        LastRunAt, CreatedBy, CreatedAt, EditedAt, ArchivedAt, TimeZone, CatchUp,
    }
    ScriptProfileTag { ScriptProfileId, Tag }
    Activity {
        Id, AccountId, AccessGroupId, ParentId, ActivityType, Summary, Status, CreatorId,
        ComputerId, ScriptProfileId, ScriptId, ScriptVersion, Username, TimeLimit,
        DeliverDelayWindow, DeliverAfter, CreatedAt, ModifiedAt, ApprovedAt, DeliveredAt,
        CompletedAt, ResultCode, ResultText, ExitCode, OutputTruncated,
    }
    ProfileRun {
        Id, ScriptProfileId, Occurrence, DueAt, FiredAt, Outcome, ActivityId, Cause, PlannedRuns, LastDueAt,
    }
    ActivityOutput { ActivityId, Seq, ReceivedAt, ByteOffset, Text }
    AgentMessage { ComputerId, Sequence, ActivityId, Body }
    Package {
        Id, Hash, Kind, Name, Version, Section, Summary, Description, Size, InstalledSize, Relations,
    }
    ComputerPackage {
        ComputerId, PackageId, Installed, AvailableUpgrade, Locked, Autoremovable, Security,
    }
    ComputerAvailablePackages { ComputerId, Ids }
    ComputerUser {
        ComputerId, Username, Uid, Enabled, Name, Location, HomePhone, WorkPhone, PrimaryGid,
        PrimaryGroupname,
    }
    ComputerUserGroup { Id, ComputerId, Name, Gid }
    ComputerUserGroupMember { ComputerId, Groupname, Username }
    ComputerProcess { ComputerId, Pid, Name, State, Uid, Gid, VmSize, StartTime, PercentCpu }
    ComputerReport { ComputerId, Kind, Item, ReportedAt, Body }
    Tenant { Id, AccountId, Name, RabbitmqPassword, CreatedAt }
    UserGroup { Id, AccountId, Name, LdapDn, Role, CreatedAt }
    UserGroupMember { UserGroupId, PersonId }
    TenantMember { TenantId, PersonId, Role }
    TenantGroup { TenantId, UserGroupId, Role }
    RolePermission { Role, Permission }
    ApiToken { Id, PersonId, SecretHash, Description, CreatedAt, ExpiresAt, LastUsedAt }
    Site { Id, TenantId, Visibility, CreatedById, CreatedAt, Name, Location, Latitude, Longitude }
    SecretsProvider {
        Id, TenantId, Visibility, CreatedById, CreatedAt, UpdatedAt, Name, ProviderType, Parameters,
    }
    Secret {
        Id, TenantId, Visibility, CreatedById, CreatedAt, UpdatedAt, Name, Value, IsHidden, ValueSchema,
        ProviderId, ProviderOptions,
    }
    Filter {
        Id, TenantId, Visibility, CreatedById, CreatedAt, UpdatedAt, Target, Name, LabelRules, AttrRules, IsSystem,
    }
    Blueprint { Id, TenantId, Visibility, CreatedById, CreatedAt, Name }
    Deployment { Id, TenantId, Visibility, CreatedById, CreatedAt, Name }
    BlueprintLabel { BlueprintId, LabelKey, LabelValue, CreatedById, CreatedAt }
    DeploymentLabel { DeploymentId, LabelKey, LabelValue, CreatedById, CreatedAt }
    License {
        Id, AccountId, CustomerId, ExpirationDate, LicenseEdition, Trial, CloudifyVersion, Capabilities, Document,
        UploadedAt,
    }
    ConfigItem { AccountId, Scope, Name, Value, UpdatedAt, UpdaterName }
    ProviderContext { AccountId, Name, Context }
    Node {
        Id, Hostname, PrivateIp, PublicIp, Version, Distribution, DistroRelease, StartedAt, LastSeenAt,
    }
    AuditEntry {
        Id, AccountId, CreatedAt, RefTable, RefId, RefIdentifier, Operation, CreatorId, CreatorName, ExecutionId, TenantId,
        TenantName, Address, BeforeChange, AfterChange,
    }
}
