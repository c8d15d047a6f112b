//! What an expression may look like, and what is said about it.

use binnacle_shared::recurrence::Cron;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{cron, same};

#[wasm_bindgen_test(unsupported = test)]
fn lists_ranges_and_steps() {
    same("5,10,5 8 * * *", "5,10 8 * * *");
    same("0 8-11 * * *", "0 8,9,10,11 * * *");
    same("0 8-15/3 * * *", "0 8,11,14 * * *");
    same("*/20 * * * *", "0,20,40 * * * *");
    same("0-10/5,30-31,*/45 * * * *", "0,5,10,30,31,45 * * * *");
    same("0 0 */10 * *", "0 0 1,11,21,31 * *");
    same("0 0 1 */5 *", "0 0 1 1,6,11 *");
    same("0 0 7-7 * *", "0 0 7 * *");
    same("007 08 * * *", "7 8 * * *");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_value_with_a_step_goes_on_to_the_end() {
    same("50/4 * * * *", "50,54,58 * * * *");
    same("0 20/2 * * *", "0 20,22 * * *");
    same("0 0 * * 3/2", "0 0 * * 3,5");
    same("0 0 * * 7/2", "0 0 * * 0");
    same("0 0 * 11/1 *", "0 0 * 11,12 *");
}

#[wasm_bindgen_test(unsupported = test)]
fn names_are_read_in_any_case() {
    same("0 0 * dec MON", "0 0 * 12 1");
    same("0 0 * Dec-dEC sun,Wed-FRI", "0 0 * 12 0,3,4,5");
    same("0 0 * JAN-DEC/2 mon-sat/2", "0 0 * 1-12/2 1,3,5");
    same("0 0 * FEB/1 *", "0 0 * 2-12 *");
}

#[wasm_bindgen_test(unsupported = test)]
fn seven_is_sunday_too() {
    same("0 0 * * 7", "0 0 * * SUN");
    same("0 0 * * 5-7", "0 0 * * 0,5,6");
    same("0 0 * * 0-7", "0 0 * * 0-6");
    same("0 0 * * 1-7/3", "0 0 * * 1,4,0");
}

#[wasm_bindgen_test(unsupported = test)]
fn blanks_around_fields_do_not_matter() {
    assert_eq!(cron("  0\t8  * *\n* ").to_string(), "0 8 * * *");
    assert_eq!(cron("  0\t8  * *\n* "), cron("0 8 * * *"));
    assert_eq!(cron("0 8 * * mon").source(), "0 8 * * mon", "the client reads back what it wrote");
    assert_eq!("0 8 * * *".parse::<Cron>().unwrap(), cron("0 8 * * *"));
}

#[wasm_bindgen_test(unsupported = test)]
fn refusals_say_what_is_wrong() {
    for (text, sense) in [
        ("", "this has 0"),
        ("* * * *", "this has 4"),
        ("0 0 8 * * *", "this has 6"),
        ("@daily", "names such as @daily are not known"),
        (" @reboot", "names such as @daily are not known"),
        ("60 * * * *", "minute field “60”: “60” is not a number from 0 to 59"),
        ("* 24 * * *", "hour field “24”: “24” is not a number from 0 to 23"),
        ("* * 0 * *", "day of month field “0”: “0” is not a number from 1 to 31"),
        ("* * 32 * *", "from 1 to 31"),
        ("* * * 0 *", "from 1 to 12 or JAN to DEC"),
        ("* * * 13 *", "from 1 to 12 or JAN to DEC"),
        ("* * * * 8", "day of week field “8”: “8” is not a number from 0 to 6 or SUN to SAT"),
        ("* * * MON *", "“MON” is not a number from 1 to 12 or JAN to DEC"),
        ("* * * * JAN", "“JAN” is not a number from 0 to 6 or SUN to SAT"),
        ("JAN * * * *", "“JAN” is not a number from 0 to 59"),
        ("* * * january *", "“january”"),
        ("256 * * * *", "“256” is not"),
        ("99999999999999999999 * * * *", "is not a number"),
        ("30-10 * * * *", "the range 30-10 runs backwards"),
        ("* * * * FRI-SUN", "the range FRI-SUN runs backwards"),
        ("1,30-10 * * * *", "minute field “1,30-10”: the range 30-10 runs backwards"),
        ("*/0 * * * *", "the step “0” must be a number from 1 to 59"),
        ("*/60 * * * *", "the step “60” must be"),
        ("* 5-10/0 * * *", "the step “0” must be a number from 1 to 23"),
        ("*/ * * * *", "the step “” must be"),
        ("*/x * * * *", "the step “x” must be"),
        ("*/-5 * * * *", "the step “-5” must be"),
        ("*/2/2 * * * *", "the step “2/2” must be"),
        ("/5 * * * *", "“” is not a number"),
        (", * * * *", "“” is not a number"),
        ("1,,2 * * * *", "“” is not a number"),
        ("1, * * * *", "“” is not a number"),
        ("- * * * *", "“” is not a number"),
        ("-5 * * * *", "“” is not a number"),
        ("5- * * * *", "“” is not a number"),
        ("1-2-3 * * * *", "“2-3” is not a number"),
        ("*-5 * * * *", "“*” is not a number"),
        ("** * * * *", "“**” is not a number"),
        ("+5 * * * *", "“+5” is not a number"),
        ("1.5 * * * *", "“1.5” is not a number"),
        ("0x5 * * * *", "“0x5” is not a number"),
        ("٣ * * * *", "“٣” is not a number"),
        ("* * L * *", "“L” is not a number from 1 to 31"),
        ("* * 15W * *", "“15W” is not a number"),
        ("* * ? * *", "“?” is not a number"),
        ("* * * * 5#2", "“5#2” is not a number"),
        ("* * * * 5L", "“5L” is not a number"),
        ("* * * * ~", "“~” is not a number"),
    ] {
        let refusal = Cron::parse(text).expect_err(text);
        assert_eq!(refusal.code, "format", "{text}");
        assert!(refusal.message.contains(sense), "{text}: {}", refusal.message);
        assert!(refusal.message.ends_with('.'), "{text}: {}", refusal.message);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn descriptions() {
    for (text, words) in [
        ("* * * * *", "Every minute"),
        ("*/1 * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0,30 * * * *", "Every 30 minutes"),
        ("*/40 * * * *", "At minutes 0 and 40 of every hour"),
        ("5 * * * *", "Every hour at minute 5"),
        ("0 */6 * * *", "Every 6 hours at minute 0"),
        ("0 8 * * *", "At 08:00"),
        ("0 0 * * *", "At 00:00"),
        ("5,35 8,20 * * *", "At 08:05, 08:35, 20:05 and 20:35"),
        ("0 8 * * 1-5", "At 08:00, Monday to Friday"),
        ("0 8 * * 1,2", "At 08:00, Monday and Tuesday"),
        ("0 8 * * mon,wed-fri", "At 08:00, Monday and Wednesday to Friday"),
        ("0 8 * * 7", "At 08:00, Sunday"),
        ("0 8 1 * *", "At 08:00, on day 1 of the month"),
        ("0 8 1,15 * *", "At 08:00, on days 1 and 15 of the month"),
        ("0 8 1 * 1", "At 08:00, on day 1 of the month or Monday"),
        ("0 8 1-7 * */2", "At 08:00, on days 1 to 7 of the month, Sunday, Tuesday, Thursday and Saturday"),
        ("0 8 * 6-8,12 *", "At 08:00, in June to August and December"),
        ("*/15 8-17 * * 1-5", "Every 15 minutes during hours 8 to 17, Monday to Friday"),
        ("* 3 * * *", "Every minute during hour 3"),
        ("1-4 3 29 2 *", "At 03:01, 03:02, 03:03 and 03:04, on day 29 of the month, in February"),
    ] {
        assert_eq!(cron(text).describe(), words, "{text}");
    }
}
