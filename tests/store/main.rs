//! The conformance suite of the store port: each case runs on memory, SQLite and PostgreSQL, and what
//! must outlast a restart on the two that keep it. PostgreSQL is started by the suite itself.

mod account_groups;
mod accounts;
mod api_tokens;
mod applications;
mod attribute_schemas;
mod certificate_plans;
mod configuration;
mod drafts;
mod durability;
mod engines;
mod from_assertions;
mod groups;
mod idp_certificates;
mod interleavings;
mod leases;
mod logout;
mod master_keys;
mod messages;
mod met;
mod metadata;
mod notices;
mod purge;
mod removal_brakes;
mod scene;
mod scim_requests;
mod service_certificates;
mod sessions;
mod sign_in;
mod token_keys;
mod trail;

/// Makes a test of each case for each engine. A case is an async function of a shared store.
macro_rules! on_every_engine {
    ($($area:ident: $($case:ident),+ $(,)?;)+) => {
        mod memory { $(mod $area { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                crate::$area::$case(crate::engines::memory()).await;
            }
        )+ })+ }
        mod sqlite { $(mod $area { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let database = crate::engines::Database::sqlite();
                crate::$area::$case(database.open().await).await;
            }
        )+ })+ }
        mod postgres { $(mod $area { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let database = crate::engines::Database::postgres();
                crate::$area::$case(database.open().await).await;
            }
        )+ })+ }
    };
}

/// Makes a test of each case for each engine that keeps what it stores. A case is an async function
/// of a database that is not open yet.
macro_rules! on_every_database {
    ($($area:ident: $($case:ident),+ $(,)?;)+) => {
        mod kept_by_sqlite { $(mod $area { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                crate::$area::$case(crate::engines::Database::sqlite()).await;
            }
        )+ })+ }
        mod kept_by_postgres { $(mod $area { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                crate::$area::$case(crate::engines::Database::postgres()).await;
            }
        )+ })+ }
    };
}

on_every_engine! {
    configuration:
        an_organization_is_made_once,
        a_domain_belongs_to_one_organization,
        a_realm_belongs_to_one_organization,
        an_organization_is_found_by_name_and_domain,
        an_organization_that_is_not_there_is_not_changed,
        an_organization_is_changed_on_the_revision_that_was_read,
        changes_of_an_organization_at_once_let_one_win,
        organizations_are_listed_in_parts,
        a_connection_is_written_on_the_revision_before,
        a_connection_needs_its_organization,
        connections_of_different_slots_are_apart,
        writes_at_once_let_one_win,
        a_store_that_works_answers_a_ping;
    attribute_schemas:
        a_schema_is_read_with_its_organization,
        values_go_with_their_attribute,
        a_unique_value_is_one_accounts,
        of_many_with_one_value_one_is_made,
        values_become_unique_where_they_are,
        a_login_meets_who_has_its_value,
        a_schema_changes_while_an_account_is_written;
    drafts:
        a_test_login_uses_its_request_up_and_is_remembered,
        a_draft_becomes_the_connection,
        a_draft_becomes_the_first_connection,
        promotions_at_once_leave_one_connection;
    service_certificates:
        certificates_come_oldest_first_with_their_keys,
        a_certificate_is_added_once_and_to_an_organization,
        activation_swaps_at_once,
        activation_refuses_what_cannot_sign,
        activations_at_once_leave_one_active,
        a_certificate_is_retired_for_good,
        a_certificate_is_removed_with_its_key,
        the_active_certificate_stays,
        activation_and_removal_at_once_leave_no_removed_one_active,
        a_change_of_service_certificates_raises_the_revision;
    certificate_plans:
        a_plan_is_written_and_replaced,
        due_plans_come_in_the_order_of_their_instants,
        a_step_is_carried_out_once,
        steps_at_once_are_carried_out_once,
        a_step_that_cannot_be_is_given_up,
        an_act_by_hand_ends_its_plan,
        a_request_becomes_a_certificate_with_its_key,
        a_request_that_is_answered_at_once_is_answered_once;
    idp_certificates:
        idp_certificates_come_oldest_first,
        an_idp_certificate_is_added_once_and_to_an_organization,
        a_fourth_idp_certificate_is_refused,
        imports_at_once_stop_at_the_limit,
        an_idp_certificate_is_activated_and_removed,
        a_change_of_idp_certificates_raises_the_revision,
        the_first_use_activates_with_the_sign_in,
        a_sign_in_that_is_not_committed_activates_nothing,
        first_uses_at_once_activate_once;
    api_tokens:
        a_token_is_found_by_its_secret,
        a_token_is_added_once_and_to_an_organization,
        tokens_are_listed_in_parts,
        a_token_that_is_removed_is_gone,
        a_token_is_of_one_use,
        a_token_is_given_another_right;
    applications:
        an_application_is_added_changed_and_removed,
        applications_are_found_by_their_origins,
        applications_are_listed_in_parts;
    sign_in:
        a_pending_login_is_kept_until_it_is_purged,
        a_browser_that_began_a_login_is_known_until_it_is_purged,
        a_first_login_stores_everything,
        a_second_login_writes_only_what_every_login_writes,
        a_newer_stamp_writes_the_profile,
        a_replayed_assertion_stores_nothing,
        a_request_is_consumed_once,
        a_request_that_never_was_is_refused,
        a_login_without_a_request_is_committed,
        a_plan_on_an_older_row_is_a_conflict_that_stores_nothing,
        logins_of_one_account_do_not_hinder_each_other,
        first_logins_at_once_make_one_account,
        an_assertion_that_comes_many_times_at_once_counts_once,
        a_request_that_is_answered_many_times_at_once_is_consumed_once,
        plans_that_fail_leave_those_committed_with_them,
        a_name_id_moves_where_it_is_not_the_key,
        a_name_id_that_is_the_key_is_a_conflict,
        a_session_token_is_of_one_session,
        an_account_needs_its_organization,
        candidates_are_found_by_each_key,
        active_accounts_are_counted_for_an_unknown_person;
    sessions:
        a_session_comes_with_its_account,
        a_session_ends_when_it_is_not_used,
        a_session_ends_in_any_case,
        use_is_written_down_once_a_minute,
        a_session_that_is_ended_is_gone,
        a_deactivated_account_has_no_session,
        the_sessions_of_an_account_are_listed_and_ended,
        a_session_ends_with_its_connection_and_its_organization,
        a_session_of_a_disabled_connection_does_not_count,
        a_session_that_is_replaced_ends,
        a_browser_whose_tabs_sign_in_at_once_has_one_session,
        a_login_that_waits_replaces_the_session_that_was_made_meanwhile;
    logout:
        a_pending_logout_is_kept_until_it_is_purged,
        a_logout_is_finished_once,
        the_sessions_of_a_subject_end,
        a_session_is_found_by_its_name_to_its_end,
        each_name_of_an_account_ends_its_own_sessions,
        every_index_of_a_session_is_its_own,
        a_replayed_logout_ends_nothing,
        logouts_at_once_end_each_session_once;
    accounts:
        an_account_is_read_in_its_organization,
        an_account_is_written_on_its_revision,
        an_edit_keeps_what_a_sign_in_wrote,
        a_unique_value_of_another_account_is_refused,
        an_account_is_made_by_hand,
        accounts_made_at_once_make_one,
        no_organization_has_more_active_accounts_than_it_may,
        a_first_login_does_not_pass_the_limit,
        accounts_are_listed_in_parts,
        accounts_are_sorted,
        accounts_are_searched;
    account_groups:
        the_top_level_group_is_made_with_its_organization,
        a_group_is_written_and_read,
        a_group_goes_with_its_members_or_stays_as_it_was,
        groups_come_and_go_below_another,
        each_refusal_of_a_group_changes_nothing,
        an_account_shows_its_groups,
        a_first_login_joins_the_groups_that_there_are,
        groups_are_listed_and_found,
        groups_that_are_put_into_each_other_at_once_form_no_circle;
    from_assertions:
        accounts_are_made_and_updated_as_is_allowed,
        each_required_attribute_is_missed_in_turn,
        each_stamp_is_read_and_compared,
        what_is_absent_or_empty_is_kept_cleared_or_refused,
        each_login_finds_its_account_or_none;
    removal_brakes:
        a_brake_is_kept_and_lifted,
        removals_at_once_do_not_pass_the_bound,
        brakes_that_hold_are_found;
    scim_requests:
        requests_are_listed_newest_first;
    token_keys:
        a_token_key_is_kept_once,
        token_keys_made_at_once_end_with_one;
    leases:
        a_lease_is_one_node_s,
        a_lease_that_is_over_is_taken_by_another,
        nodes_that_ask_at_once_leave_one_with_the_lease;
    metadata:
        a_source_is_written_with_its_connection,
        a_source_is_written_on_the_revision_before,
        writes_of_a_source_at_once_let_one_win,
        what_is_due_comes_longest_waiting_first,
        a_key_refresh_is_claimed_once_in_its_time,
        claims_at_once_let_one_fetch;
    notices:
        a_notice_is_raised_once,
        a_notice_raised_at_once_is_raised_once,
        a_delivery_waits_until_it_ends,
        a_notice_without_a_channel_is_kept,
        old_notices_are_purged_with_their_deliveries;
    trail:
        a_trace_is_read_in_its_organization,
        a_trace_is_found_by_its_number_alone,
        traces_are_listed_newest_first,
        audit_entries_are_listed_newest_first,
        audit_entries_are_filtered;
    messages:
        a_message_is_read_in_its_organization,
        a_message_is_purged_by_its_age,
        the_oldest_messages_make_room;
    purge:
        a_purge_removes_what_nobody_waits_for,
        a_purge_removes_ended_sessions,
        a_purge_removes_old_traces_and_entries,
        a_purge_goes_from_one_organization_to_the_next,
        a_large_purge_removes_all_of_it;
}

on_every_database! {
    scim_requests:
        the_oldest_request_makes_room;
    master_keys:
        every_secret_is_sealed_under_the_first_key,
        a_rotation_that_is_cut_off_is_resumed,
        rotations_and_new_secrets_at_once_lose_nothing;
    messages:
        a_message_is_sealed_and_opens_in_its_own_row_alone;
    durability:
        everything_is_there_after_a_restart,
        a_replay_is_refused_after_a_restart,
        a_second_node_sees_what_the_first_committed,
        nodes_that_start_at_once_agree,
        another_master_key_is_told_at_the_start,
        a_database_of_a_newer_version_is_refused,
        a_migration_that_was_changed_is_refused,
        a_private_key_is_nowhere_in_the_clear,
        a_sealed_key_opens_in_its_own_row_alone,
        the_key_of_tokens_is_sealed_and_stays;
}
