//! What a role of the Conductor API may do: the permissions by name, and the roles that hold each
//! of them at first start. Who holds what after that is in the store, and can be changed.

use super::role::Role;

macro_rules! permissions {
    ($([$($role:ident),*] { $($name:ident = $wire:literal,)+ })+) => {
        /// A permission, by its name in the Conductor API. `sys_admin` holds every one of them at
        /// first start.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($(#[doc = $wire] $name,)+)+ }

        impl Permission {
            pub const ALL: &'static [Self] = &[$($(Self::$name,)+)+];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$name => $wire,)+)+ }
            }

            /// The roles that hold it at first start, besides `sys_admin`.
            pub const fn default_roles(self) -> &'static [Role] {
                match self { $($(Self::$name)|+ => &[$(Role::$role),*],)+ }
            }
        }
    };
}

permissions! {
    [Manager, User, Operations, Viewer, Default] {
        BrokerGet = "broker_get",
        DbNodesGet = "db_nodes_get",
        IdentityProviderGet = "identity_provider_get",
        LdapStatusGet = "ldap_status_get",
        LicenseList = "license_list",
        MaintenanceModeGet = "maintenance_mode_get",
        ManagerConfigGet = "manager_config_get",
        ProviderContextCreate = "provider_context_create",
        ProviderContextGet = "provider_context_get",
        StatusGet = "status_get",
        TenantList = "tenant_list",
        TokenGet = "token_get",
        UserGetSelf = "user_get_self",
        VersionGet = "version_get",
    }
    [Manager, User, Operations, Viewer] {
        AgentGet = "agent_get",
        AgentList = "agent_list",
        BlueprintDownload = "blueprint_download",
        BlueprintGet = "blueprint_get",
        BlueprintList = "blueprint_list",
        ClusterStatusGet = "cluster_status_get",
        DeploymentCapabilities = "deployment_capabilities",
        DeploymentGet = "deployment_get",
        DeploymentGroupGet = "deployment_group_get",
        DeploymentGroupList = "deployment_group_list",
        DeploymentList = "deployment_list",
        DeploymentModificationGet = "deployment_modification_get",
        DeploymentModificationList = "deployment_modification_list",
        DeploymentModificationOutputs = "deployment_modification_outputs",
        DeploymentUpdateGet = "deployment_update_get",
        DeploymentUpdateList = "deployment_update_list",
        EventList = "event_list",
        ExecutionGet = "execution_get",
        ExecutionGroupGet = "execution_group_get",
        ExecutionGroupList = "execution_group_list",
        ExecutionList = "execution_list",
        ExecutionScheduleGet = "execution_schedule_get",
        ExecutionScheduleList = "execution_schedule_list",
        ExecutionShouldStart = "execution_should_start",
        FileServerAuth = "file_server_auth",
        FilterGet = "filter_get",
        FilterList = "filter_list",
        InterDeploymentDependencyGet = "inter_deployment_dependency_get",
        InterDeploymentDependencyList = "inter_deployment_dependency_list",
        LabelsList = "labels_list",
        ManagerGet = "manager_get",
        NodeInstanceGet = "node_instance_get",
        NodeInstanceList = "node_instance_list",
        NodeList = "node_list",
        Operations = "operations",
        PluginDownload = "plugin_download",
        PluginGet = "plugin_get",
        PluginList = "plugin_list",
        PluginsUpdateGet = "plugins_update_get",
        PluginsUpdateList = "plugins_update_list",
        SecretGet = "secret_get",
        SecretList = "secret_list",
        SecretsProviderGet = "secrets_provider_get",
        SecretsProviderList = "secrets_provider_list",
        SiteGet = "site_get",
        SiteList = "site_list",
        WidgetAgents = "widget_agents",
        WidgetBlueprintcatalog = "widget_blueprintCatalog",
        WidgetBlueprintinfo = "widget_blueprintInfo",
        WidgetBlueprintnum = "widget_blueprintNum",
        WidgetBlueprintsources = "widget_blueprintSources",
        WidgetBlueprints = "widget_blueprints",
        WidgetButtonlink = "widget_buttonLink",
        WidgetCloudnum = "widget_cloudNum",
        WidgetCustomAll = "widget_custom_all",
        WidgetDeploymentinfo = "widget_deploymentInfo",
        WidgetDeploymentnum = "widget_deploymentNum",
        WidgetDeployments = "widget_deployments",
        WidgetDeploymentsview = "widget_deploymentsView",
        WidgetEvents = "widget_events",
        WidgetEventsfilter = "widget_eventsFilter",
        WidgetExecutionlogs = "widget_executionLogs",
        WidgetExecutionnum = "widget_executionNum",
        WidgetExecutions = "widget_executions",
        WidgetExecutionsstatus = "widget_executionsStatus",
        WidgetFilter = "widget_filter",
        WidgetFilters = "widget_filters",
        WidgetInputs = "widget_inputs",
        WidgetLabels = "widget_labels",
        WidgetNodes = "widget_nodes",
        WidgetNodescomputenum = "widget_nodesComputeNum",
        WidgetNodesstats = "widget_nodesStats",
        WidgetOutputs = "widget_outputs",
        WidgetPlugins = "widget_plugins",
        WidgetPluginsnum = "widget_pluginsNum",
        WidgetSecrets = "widget_secrets",
        WidgetServersnum = "widget_serversNum",
        WidgetSites = "widget_sites",
        WidgetSitesmap = "widget_sitesMap",
        WidgetText = "widget_text",
        WidgetTokens = "widget_tokens",
        WidgetTopology = "widget_topology",
    }
    [Manager, User, Viewer, Default] {
        CreateToken = "create_token",
        DeleteToken = "delete_token",
        ListToken = "list_token",
    }
    [Manager, User, Operations] {
        AgentCreate = "agent_create",
        AgentUpdate = "agent_update",
        DeploymentCreate = "deployment_create",
        DeploymentDelete = "deployment_delete",
        DeploymentGroupCreate = "deployment_group_create",
        DeploymentGroupDelete = "deployment_group_delete",
        DeploymentGroupUpdate = "deployment_group_update",
        DeploymentModificationFinish = "deployment_modification_finish",
        DeploymentModificationRollback = "deployment_modification_rollback",
        DeploymentModify = "deployment_modify",
        DeploymentSetSite = "deployment_set_site",
        DeploymentSetVisibility = "deployment_set_visibility",
        DeploymentUpdate = "deployment_update",
        DeploymentUpdateCreate = "deployment_update_create",
        DeploymentUpdateUpdate = "deployment_update_update",
        EventCreate = "event_create",
        EventDelete = "event_delete",
        ExecutionCancel = "execution_cancel",
        ExecutionDelete = "execution_delete",
        ExecutionGroupCancel = "execution_group_cancel",
        ExecutionGroupCreate = "execution_group_create",
        ExecutionGroupUpdate = "execution_group_update",
        ExecutionScheduleCreate = "execution_schedule_create",
        ExecutionStart = "execution_start",
        ExecutionStatusUpdate = "execution_status_update",
        FilterCreate = "filter_create",
        FilterDelete = "filter_delete",
        FilterUpdate = "filter_update",
        FunctionsEvaluate = "functions_evaluate",
        InterDeploymentDependencyCreate = "inter_deployment_dependency_create",
        InterDeploymentDependencyDelete = "inter_deployment_dependency_delete",
        InterDeploymentDependencyUpdate = "inter_deployment_dependency_update",
        NodeDelete = "node_delete",
        NodeInstanceDelete = "node_instance_delete",
        NodeInstanceUpdate = "node_instance_update",
        NodeUpdate = "node_update",
        PluginsUpdateCreate = "plugins_update_create",
        StageEditMode = "stage_edit_mode",
        TenantGet = "tenant_get",
        TenantRabbitmqCredentials = "tenant_rabbitmq_credentials",
        WidgetBlueprintactionbuttons = "widget_blueprintActionButtons",
        WidgetDeploymentactionbuttons = "widget_deploymentActionButtons",
        WidgetDeploymentbutton = "widget_deploymentButton",
        WidgetEnvironmentbutton = "widget_environmentButton",
        WidgetOnlymyresources = "widget_onlyMyResources",
        WidgetSecretproviders = "widget_secretProviders",
    }
    [Manager, User] {
        BlueprintDelete = "blueprint_delete",
        BlueprintUpload = "blueprint_upload",
        PluginDelete = "plugin_delete",
        PluginUpload = "plugin_upload",
        ResourceSetVisibility = "resource_set_visibility",
        SecretCreate = "secret_create",
        SecretDelete = "secret_delete",
        SecretExport = "secret_export",
        SecretImport = "secret_import",
        SecretUpdate = "secret_update",
        SecretsProviderCreate = "secrets_provider_create",
        SecretsProviderDelete = "secrets_provider_delete",
        SecretsProviderUpdate = "secrets_provider_update",
        SiteCreate = "site_create",
        SiteDelete = "site_delete",
        SiteUpdate = "site_update",
        WidgetBlueprintuploadbutton = "widget_blueprintUploadButton",
        WidgetCloudbutton = "widget_cloudButton",
        WidgetComposerlink = "widget_composerLink",
        WidgetPluginuploadbutton = "widget_pluginUploadButton",
        WidgetPluginscatalog = "widget_pluginsCatalog",
        WidgetServicebutton = "widget_serviceButton",
    }
    [Manager] {
        Administrators = "administrators",
        ExecuteGlobalWorkflow = "execute_global_workflow",
        ManagerConfigPut = "manager_config_put",
        WidgetCustomAdmin = "widget_custom_admin",
    }
    [] {
        AgentReplaceCerts = "agent_replace_certs",
        AllTenants = "all_tenants",
        AuditLogInject = "audit_log_inject",
        AuditLogTruncate = "audit_log_truncate",
        AuditLogView = "audit_log_view",
        BrokerCredentials = "broker_credentials",
        BrokerManage = "broker_manage",
        ClusterNodeConfigUpdate = "cluster_node_config_update",
        CommunityContactCreate = "community_contact_create",
        CreateGlobalResource = "create_global_resource",
        GetPasswordHash = "get_password_hash",
        GettingStarted = "getting_started",
        InjectToken = "inject_token",
        LdapSet = "ldap_set",
        LicenseRemove = "license_remove",
        LicenseUpload = "license_upload",
        LogBundleCreate = "log_bundle_create",
        LogBundleDelete = "log_bundle_delete",
        LogBundleDownload = "log_bundle_download",
        LogBundleGet = "log_bundle_get",
        LogBundleList = "log_bundle_list",
        LogBundleStatusUpdate = "log_bundle_status_update",
        MaintenanceModeSet = "maintenance_mode_set",
        ManageOthersTokens = "manage_others_tokens",
        ManagerManage = "manager_manage",
        Monitoring = "monitoring",
        ResourceSetGlobal = "resource_set_global",
        SecretsProviderCredentials = "secrets_provider_credentials",
        SetExecutionDetails = "set_execution_details",
        SetExecutionGroupDetails = "set_execution_group_details",
        SetOwner = "set_owner",
        SetPluginUpdateDetails = "set_plugin_update_details",
        SetTimestamp = "set_timestamp",
        SnapshotCreate = "snapshot_create",
        SnapshotDelete = "snapshot_delete",
        SnapshotDownload = "snapshot_download",
        SnapshotGet = "snapshot_get",
        SnapshotList = "snapshot_list",
        SnapshotRestore = "snapshot_restore",
        SnapshotStatusUpdate = "snapshot_status_update",
        SnapshotUpload = "snapshot_upload",
        StageConfigure = "stage_configure",
        StageInstallWidgets = "stage_install_widgets",
        StageMaintenanceMode = "stage_maintenance_mode",
        StageServicesStatus = "stage_services_status",
        StageTemplateManagement = "stage_template_management",
        TenantAddGroup = "tenant_add_group",
        TenantAddUser = "tenant_add_user",
        TenantCreate = "tenant_create",
        TenantDelete = "tenant_delete",
        TenantListGetData = "tenant_list_get_data",
        TenantRemoveGroup = "tenant_remove_group",
        TenantRemoveUser = "tenant_remove_user",
        TenantUpdateGroup = "tenant_update_group",
        TenantUpdateUser = "tenant_update_user",
        UserCreate = "user_create",
        UserDelete = "user_delete",
        UserGet = "user_get",
        UserGroupAddUser = "user_group_add_user",
        UserGroupCreate = "user_group_create",
        UserGroupDelete = "user_group_delete",
        UserGroupGet = "user_group_get",
        UserGroupList = "user_group_list",
        UserGroupRemoveUser = "user_group_remove_user",
        UserGroupUpdate = "user_group_update",
        UserList = "user_list",
        UserSetActivated = "user_set_activated",
        UserToken = "user_token",
        UserUnlock = "user_unlock",
        UserUpdate = "user_update",
        WidgetCustomSysAdmin = "widget_custom_sys_admin",
        WidgetHighavailability = "widget_highAvailability",
        WidgetMaintenancemodebutton = "widget_maintenanceModeButton",
        WidgetSnapshots = "widget_snapshots",
        WidgetTenants = "widget_tenants",
        WidgetUsergroups = "widget_userGroups",
        WidgetUsermanagement = "widget_userManagement",
    }
}

impl Permission {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.name() == name)
    }
}

/// Some of the permissions, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet([u64; 4]);

impl PermissionSet {
    pub fn everything() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    pub const fn contains(self, permission: Permission) -> bool {
        let bit = permission as usize;
        self.0[bit / 64] & (1 << (bit % 64)) != 0
    }

    pub const fn insert(&mut self, permission: Permission) {
        let bit = permission as usize;
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let mut all = self.0;
        for (word, more) in all.iter_mut().zip(other.0) {
            *word |= more;
        }
        Self(all)
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        let mut set = Self::default();
        for permission in permissions {
            set.insert(permission);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, PermissionSet};
    use crate::model::conductor::role::Role;

    #[test]
    fn names_are_unique_and_each_has_a_bit() {
        let names: std::collections::HashSet<_> = Permission::ALL.iter().map(|p| p.name()).collect();
        assert_eq!(names.len(), Permission::ALL.len());
        assert!(Permission::ALL.len() <= 256);
        for permission in Permission::ALL {
            let only: PermissionSet = [*permission].into_iter().collect();
            assert_eq!(only.iter().collect::<Vec<_>>(), [*permission]);
            assert_eq!(Permission::from_name(permission.name()), Some(*permission));
        }
        assert_eq!(PermissionSet::everything().iter().count(), Permission::ALL.len());
    }

    #[test]
    fn a_viewer_changes_nothing_and_an_account_alone_sees_little() {
        let held = |role: Role| Permission::ALL.iter().filter(move |p| p.default_roles().contains(&role));
        for permission in held(Role::Viewer) {
            let name = permission.name();
            assert!(!name.ends_with("_delete") && !name.ends_with("_update"), "{name}");
        }
        assert!(held(Role::Default).count() < 20);
        assert!(Permission::Administrators.default_roles().contains(&Role::Manager));
        assert!(Permission::TenantCreate.default_roles().is_empty());
    }
}
