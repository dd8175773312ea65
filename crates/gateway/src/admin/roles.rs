//! Roles: those there always are, and those made of permissions (ID-21, ID-22).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::{failure::Violation, permission::Permission};
use proto::identity::v1::{self as pb, ChangeRoleRequest, CreateRoleRequest, DeleteRoleRequest, ListRolesRequest};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder, ObjectBuilder, SchemaType, Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, text},
};

/// The routes about roles.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_roles, create_role)).routes(routes!(change_role, delete_role))
}

/// What somebody can be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "role_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e", "name": "Warehouse", "permissions": ["orders.read", "orders.write"],
    "built_in": false, "place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "members": 2, "version": 1,
}))]
pub struct Role {
    /// `role_…`, or `owner`, `administrator`, `customer_service`, `sales_agent`, `moderator`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Names of the permissions it gives.
    pub permissions: Vec<String>,
    /// Whether it always is there and never changes.
    pub built_in: bool,
    /// Where it belongs, `sto_…` or `net_…`.
    pub place: Option<String>,
    /// How many have it here.
    pub members: u32,
    /// Grows with every change; 0 for those there always are.
    pub version: i64,
}

impl Versioned for Role {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Role> for Role {
    fn from(role: pb::Role) -> Self {
        Self {
            id: role.id,
            name: role.name,
            permissions: role.permissions,
            built_in: role.built_in,
            place: text(role.place),
            members: role.members,
            version: role.version,
        }
    }
}

/// Names of permissions, at least one.
pub fn permissions() -> Array {
    names().build()
}

/// The same, or nothing.
fn changed_permissions() -> Array {
    names().schema_type(SchemaType::from_iter([Type::Array, Type::Null])).build()
}

fn names() -> ArrayBuilder {
    let names: Vec<_> = Permission::ALL.iter().map(|permission| json!(permission.slug())).collect();
    let name = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
    ArrayBuilder::new().items(name).min_items(Some(1))
}

/// A role to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Warehouse", "permissions": ["orders.read", "orders.write"]}))]
pub struct NewRole {
    /// Display name, 1 to 60 characters, unique here.
    #[schema(
        min_length = 1,
        max_length = 60,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// Names of its permissions.
    #[schema(schema_with = permissions)]
    pub permissions: Vec<String>,
}

/// Changes to a role; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"permissions": ["orders.read"]}))]
pub struct RoleChanges {
    /// Display name.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 60,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    /// Names of its permissions.
    #[serde(default)]
    #[schema(schema_with = changed_permissions)]
    pub permissions: Option<Vec<String>>,
}

/// Roles
///
/// What staff can be here: those there always are, and those made of permissions.
#[utoipa::path(
    get, path = "/admin/v1/roles", tag = "Staff", responses((status = 200, body = List<Role>)),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn list_roles(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Role>>, Problem> {
    let found = peers.roles().list_roles(caller.ask(ListRolesRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.roles)))
}

/// Make a role
///
/// Of permissions that you have yourself.
#[utoipa::path(
    post, path = "/admin/v1/roles", tag = "Staff", request_body = NewRole,
    responses(
        (status = 201, body = Role),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: keys look after no staff."),
        (status = 409, description = "`role_name_taken`: another role has this name."),
        (status = 422, description = "`too_many_roles`: there are a hundred roles already.")
    ),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn create_role(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(NewRole { name, permissions }): Body<NewRole>,
) -> Result<Answer<Role>, Problem> {
    let role = peers.roles().create_role(caller.ask(CreateRoleRequest { name, permissions })).await?;
    Ok(Answer::<Role>::of(role).tagged().status(StatusCode::CREATED))
}

/// Change a role
///
/// And with it what everybody may do who has it, at once.
#[utoipa::path(
    patch, path = "/admin/v1/roles/{id}", tag = "Staff",
    params(("id" = String, Path, description = "`role_…`", example = "role_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    request_body = RoleChanges,
    responses(
        (status = 200, body = Role),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: keys look after no staff."),
        (status = 404, description = "`role_not_found`: there is no such role made of permissions."),
        (status = 409, description = "`role_name_taken`: another role has this name."),
        (status = 412, description = "`stale_version`: the role was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn change_role(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(RoleChanges { name, permissions }): Body<RoleChanges>,
) -> Result<Answer<Role>, Problem> {
    if permissions.as_ref().is_some_and(Vec::is_empty) {
        return Err(Violation::new("/permissions", "required", "name at least one permission").into());
    }
    let permissions = permissions.unwrap_or_default();
    let role = peers.roles().change_role(caller.ask(ChangeRoleRequest { id, name, permissions })).await?;
    Ok(Answer::<Role>::of(role).tagged())
}

/// Drop a role
///
/// That nobody has.
#[utoipa::path(
    delete, path = "/admin/v1/roles/{id}", tag = "Staff",
    params(("id" = String, Path, description = "`role_…`", example = "role_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    responses(
        (status = 204, description = "The role is gone."),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: keys look after no staff."),
        (status = 404, description = "`role_not_found`: there is no such role made of permissions."),
        (status = 409, description = "`role_in_use`: somebody has this role."),
        (status = 412, description = "`stale_version`: the role was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn delete_role(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.roles().delete_role(caller.ask(DeleteRoleRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
