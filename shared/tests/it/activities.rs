//! The states of activities: which follow each other, and what a group shows.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::activity::{Actions, ActivityStatus as S, Tally, group_status};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = test)]
fn the_table_of_transitions() {
    let allowed = |from: S| -> Vec<S> { S::ALL.iter().copied().filter(|to| from.may_become(*to, false)).collect() };
    assert_eq!(allowed(S::Undelivered), [S::Delivered, S::Blocked, S::Canceled]);
    assert_eq!(allowed(S::Scheduled), [S::Undelivered, S::Delivered, S::Canceled]);
    assert_eq!(allowed(S::Waiting), [S::Undelivered, S::Delivered, S::Canceled]);
    assert_eq!(allowed(S::Blocked), [S::Undelivered, S::Waiting, S::Canceled]);
    assert_eq!(allowed(S::Unapproved), [S::Undelivered, S::Waiting, S::Canceled]);
    assert_eq!(allowed(S::Delivered), [S::Succeeded, S::Failed, S::Canceled]);
    for last in [S::Succeeded, S::Failed, S::Canceled] {
        assert!(last.is_final());
        assert!(allowed(last).is_empty());
    }
    let late: Vec<S> = S::ALL.iter().copied().filter(|to| S::Canceled.may_become(*to, true)).collect();
    assert_eq!(late, [S::Succeeded, S::Failed]);
}

#[wasm_bindgen_test(unsupported = test)]
fn what_can_be_cancelled_follows_from_the_table() {
    for status in S::ALL.iter().copied() {
        assert_eq!(status.is_cancelable(), status.may_become(S::Canceled, false), "{}", status.name());
        assert_eq!(status.is_final(), status.successors().is_empty(), "{}", status.name());
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_group_offers_what_its_children_allow() {
    let of = |list: &[(S, u64)]| Actions::of_group(&list.iter().copied().collect());
    let flags = |a: Actions| (a.approvable, a.cancelable, a.reappliable);
    assert_eq!(flags(of(&[])), (false, false, false));
    assert_eq!(flags(of(&[(S::Unapproved, 1), (S::Succeeded, 4)])), (true, true, false));
    assert_eq!(flags(of(&[(S::Delivered, 1), (S::Failed, 4)])), (false, true, false));
    assert_eq!(flags(of(&[(S::Failed, 1), (S::Delivered, 0)])), (false, false, true));
}

#[wasm_bindgen_test(unsupported = test)]
fn children_are_counted_in_three_words() {
    let children: BTreeMap<S, u64> = [(S::Succeeded, 3), (S::Failed, 1), (S::Canceled, 2), (S::Waiting, 5)].into();
    assert_eq!(Tally::of(&children), Tally { good: 3, warning: 5, bad: 3 });
}

#[cfg(not(target_family = "wasm"))]
mod properties {
    use std::collections::BTreeMap;

    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::{S, group_status};

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

        /// A walk through the table ends, and only a late result follows a final status.
        #[test]
        fn every_walk_ends(choices in proptest::collection::vec(0_usize..8, 0..40), start in 0_usize..4) {
            let mut status = [S::Undelivered, S::Scheduled, S::Waiting, S::Blocked][start];
            let mut delivered = false;
            let mut finals = 0;
            for choice in choices {
                let next: Vec<S> = S::ALL.iter().copied().filter(|to| status.may_become(*to, delivered)).collect();
                let Some(to) = next.get(choice % next.len().max(1)).copied() else { break };
                if status.is_final() {
                    prop_assert!(status == S::Canceled && delivered && status.takes_result(true));
                }
                if matches!(to, S::Succeeded | S::Failed) {
                    prop_assert!(delivered, "a result without a delivery");
                    prop_assert!(status.takes_result(delivered));
                }
                delivered |= to == S::Delivered;
                finals += usize::from(to.is_final());
                status = to;
            }
            prop_assert!(finals <= 2);
        }

        /// A group is final exactly when all its children are, and shows a status that one of
        /// them has.
        #[test]
        fn a_group_is_what_its_children_are(counts in proptest::collection::vec(0_u64..3, 9)) {
            let children: BTreeMap<S, u64> = S::ALL.iter().copied().zip(counts).collect();
            let status = group_status(&children);
            let present: Vec<S> = children.iter().filter(|(_, n)| **n > 0).map(|(s, _)| *s).collect();
            prop_assert!(present.is_empty() || present.contains(&status));
            prop_assert_eq!(status.is_final(), present.iter().all(|s| s.is_final()));
        }
    }
}
