//! Whose login it is.

use super::*;

#[test]
fn an_account_without_the_key_is_linked_by_an_address_of_the_organization() {
    let login = Login::known()
        .person(|p| p.with("ssoid", "7").with("email", "Ann@Corp.example"))
        .with(|l| l.settings.account_key = AccountKey::Ssoid)
        .with(|l| l.settings.auto_update = false);
    let decision = login.accepted();
    let account = updated(&decision);
    assert_eq!(account.id, id(1));
    assert_eq!(text(account, ProfileField::Ssoid), Some("7"));
    assert_eq!(text(account, ProfileField::Email), Some("ann@corp.example"), "auto_update is off");
    assert_eq!(account.updated_at, NOW);
    assert_eq!(notes(&decision), ["account_linked", "account_unchanged"]);
    assert_eq!(events(&decision), [EventKind::AccountLinked, EventKind::SignIn]);

    let again = login.with(|l| l.accounts = vec![account.clone()]);
    assert_eq!(left_alone(&again.accepted()).id, id(1), "from now on by its key");

    let by_name_id = Login::known().with(|l| l.settings.account_key = AccountKey::NameId);
    let transient = by_name_id.clone().with(|l| {
        l.accounts[0].name_id = Some(ann().transient().name_id);
    });
    for login in [by_name_id, transient] {
        let decision = login.accepted();
        assert_eq!(updated(&decision).name_id.as_ref(), Some(&login.person.name_id));
    }
}

#[test]
fn a_name_id_is_the_same_only_if_all_of_its_parts_are() {
    let known = Login::known()
        .with(|l| l.settings.account_key = AccountKey::NameId)
        .with(|l| l.accounts[0].name_id = Some(l.person.name_id.clone()));
    assert_eq!(left_alone(&known.accepted()).id, id(1));

    let changes: [fn(&mut Login); 5] = [
        |l| l.person.name_id.issuer = "https://idp2.example/".to_owned(),
        |l| l.person.name_id.format = None,
        |l| l.person.name_id.name_qualifier = Some("q".to_owned()),
        |l| l.person.name_id.sp_name_qualifier = Some("q".to_owned()),
        |l| l.person.name_id.value = "Ann-1".to_owned(),
    ];
    for change in changes {
        assert_eq!(known.clone().with(change).refused().code, Code::AccountConflict);
    }
}
