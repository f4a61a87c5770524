//! Who may write whose account (SPEC 10): a User Administrator those of `user`s, of an administrator
//! only names and where to reach them, so that nobody comes to a higher role by the account of one who
//! has it. The e-mail address is no such field, since logins are linked by it.

use super::AccountEdit;
use crate::profile::ProfileField::{self, *};
use crate::provisioning::{AdminRole, Role};

/// What a User Administrator edits of an administrator.
const NAMES_AND_CONTACT: [ProfileField; 13] = [
    FirstName,
    LastName,
    DisplayName,
    StreetLine1,
    StreetLine2,
    City,
    State,
    ZipCode,
    Country,
    MobilePhone,
    MobilePhoneCountry,
    BusinessPhone,
    BusinessPhoneCountry,
];

/// Whether an administrator may make an account like this.
pub fn may_create(by: AdminRole, edit: &AccountEdit) -> bool {
    by == AdminRole::OrgAdmin || grants_nothing(edit)
}

/// Whether an administrator may edit an account of this role so.
pub fn may_edit(by: AdminRole, role: Role, edit: &AccountEdit) -> bool {
    by == AdminRole::OrgAdmin
        || match role {
            Role::User => grants_nothing(edit),
            Role::UserAdmin | Role::OrgAdmin => {
                edit.role.is_none()
                    && edit.name_id.is_none()
                    && edit.profile.keys().all(|field| NAMES_AND_CONTACT.contains(field))
            }
        }
}

/// Whether an administrator may deactivate or reactivate an account of this role, or end its sessions.
pub fn may_sign_out(by: AdminRole, role: Role) -> bool {
    by == AdminRole::OrgAdmin || role == Role::User
}

fn grants_nothing(edit: &AccountEdit) -> bool {
    edit.role.is_none_or(|role| role == Role::User)
}
