"""Scripts: written, copied, with files, run on a real computer."""

import base64
import getpass

from landscape_api.base import HTTPError, errors

from support import ClientTest, rest


class Scripts(ClientTest):
    def test_a_script_is_made_read_edited_and_removed(self):
        made = self.script("Greeting", username="nobody", access_group="global")
        self.assertEqual(made["title"], "Greeting")
        self.assertEqual(made["interpreter"], "/bin/sh")
        self.assertEqual((made["time_limit"], made["username"], made["access_group"]), (60, "nobody", "global"))
        self.assertEqual(made["creator"]["email"], "admin@localhost")
        self.assertIn(made["id"], [script["id"] for script in self.api.get_scripts()])
        self.assertEqual(self.api.get_script_code(script_id=made["id"]), "#!/bin/sh\necho hello\n")
        code = self.file("#!/usr/bin/env python3\nprint('größe & more')\n".encode())
        edited = self.api.edit_script(script_id=made["id"], title="Größe", code=code, time_limit=90)
        self.assertEqual((edited["title"], edited["time_limit"]), ("Größe", 90))
        self.assertEqual(edited["interpreter"], "/usr/bin/env python3")
        self.assertIn("größe & more", self.api.get_script_code(script_id=made["id"]))
        self.assertIsNone(self.api.remove_script(script_id=made["id"]))
        with self.assertRaises(errors.UnknownScriptError):
            self.api.get_script_code(script_id=made["id"])

    def test_wrong_scripts_raise_the_clients_own_exceptions(self):
        self.script("Taken")
        cases = [
            (errors.DuplicateScriptError, {"title": "Taken"}, b"#!/bin/sh\nid\n"),
            (errors.EmptyScriptInterpreterError, {"title": "x"}, b"id\n"),
            (errors.EmptyScriptCodeError, {"title": "x"}, b"#!/bin/sh\n# nothing\n"),
            (errors.EmptyScriptInterpreterError, {"title": "x"}, b""),
            (errors.ScriptEncodingError, {"title": "x"}, b"#!/bin/sh\necho \xff\n"),
            (errors.UnknownAccessGroupError, {"title": "x", "access_group": "none"}, b"#!/bin/sh\nid\n"),
        ]
        for error, parameters, code in cases:
            with self.subTest(error.__name__), self.assertRaises(error):
                self.api.create_script(time_limit=60, code=self.file(code), **parameters)
        with self.assertRaises(errors.UnknownScriptError):
            self.api.edit_script(script_id=999999, title="x")

    def test_a_script_is_copied(self):
        made = self.script("Original")
        copy = self.api.copy_script(script_id=made["id"], destination_title="Copy")
        self.addCleanup(self.forget, copy["id"])
        self.assertNotEqual(copy["id"], made["id"])
        self.assertEqual(copy["title"], "Copy")
        code = self.api.get_script_code(script_id=copy["id"])
        self.assertEqual(code, self.api.get_script_code(script_id=made["id"]))
        with self.assertRaises(errors.DuplicateScriptError):
            self.api.copy_script(script_id=made["id"], destination_title="Original")
        self.api.create_access_group(title="Copies")
        self.addCleanup(self.api.remove_access_group, name="copies")
        there = self.api.copy_script(script_id=made["id"], destination_title="There", access_group="copies")
        self.addCleanup(self.forget, there["id"])
        self.assertEqual(there["access_group"], "copies")
        with self.assertRaises(errors.InvalidAccessGroupError):
            self.api.remove_access_group(name="copies")
        with self.assertRaises(errors.UnknownAccessGroupError):
            self.api.copy_script(script_id=made["id"], destination_title="x", access_group="none")
        with self.assertRaises(errors.UnknownScriptError):
            self.api.copy_script(script_id=999999, destination_title="x")

    def test_scripts_are_listed_in_parts(self):
        made = [self.script(f"Part {number}")["id"] for number in range(3)]
        everything = [script["id"] for script in self.api.get_scripts()]
        self.assertTrue(set(made) <= set(everything))
        parts = []
        for offset in range(len(everything)):
            parts += [script["id"] for script in self.api.get_scripts(limit=1, offset=offset)]
        self.assertEqual(parts, everything)

    def test_files_are_attached_and_taken_away(self):
        made = self.script("With files")
        path = self.file(b"\x00\x01 some bytes", name="data file.bin")
        self.assertEqual(self.api.create_script_attachment(script_id=made["id"], file=path), "data file.bin")
        (script,) = [s for s in self.api.get_scripts() if s["id"] == made["id"]]
        self.assertEqual(script["attachments"], ["data file.bin"])
        with self.assertRaises(errors.DuplicateScriptAttachmentError):
            self.api.create_script_attachment(script_id=made["id"], file=path)
        for number in range(4):
            self.api.create_script_attachment(script_id=made["id"], file=self.file(b"x", name=f"{number}"))
        with self.assertRaises(errors.TooManyScriptAttachmentsError):
            self.api.create_script_attachment(script_id=made["id"], file=self.file(b"x", name="5"))
        self.assertIsNone(self.api.remove_script_attachment(script_id=made["id"], filename="0"))
        with self.assertRaises(errors.ScriptAttachmentSizeError):
            large = self.file(b"x" * (1024 * 1024), name="large")
            self.api.create_script_attachment(script_id=made["id"], file=large)
        with self.assertRaises(errors.UnknownScriptAttachmentError):
            self.api.remove_script_attachment(script_id=made["id"], filename="none")

    def test_a_script_runs_on_this_machine_and_its_output_arrives(self):
        code = b'#!/bin/sh\ncat "$LANDSCAPE_ATTACHMENTS/note"\necho "on $(hostname)"\n'
        made = self.script("Real", code=code, username=getpass.getuser())
        self.api.create_script_attachment(script_id=made["id"], file=self.file(b"from a file\n", name="note"))
        query = f"id:{self.computer['id']}"
        group = self.api.execute_script(query=query, script_id=made["id"])
        self.assertEqual(group["type"], "ActivityGroup")
        (child,) = self.finished(group["id"])
        self.assertEqual(child["activity_status"], "succeeded", child)
        self.assertEqual(child["computer_id"], self.computer["id"])
        self.assertTrue(child["result_text"].startswith("from a file\non "), child)

    def test_a_script_that_fails_says_so(self):
        made = self.script("Failing", code=b"#!/bin/sh\necho no; exit 3\n", username=getpass.getuser())
        group = self.api.execute_script(query=f"id:{self.computer['id']}", script_id=made["id"])
        (child,) = self.finished(group["id"])
        self.assertEqual((child["activity_status"], child["result_code"]), ("failed", 103))

    def test_what_cannot_run_is_refused(self):
        made = self.script("Not run")
        cases = [
            (errors.RequiresUserError, {"query": "id:1", "script_id": made["id"]}),
            (errors.UnknownScriptError, {"query": "id:1", "script_id": 999999, "username": "root"}),
            (errors.InvalidQueryError, {"query": "a:b", "script_id": made["id"], "username": "root"}),
            (errors.UnknownComputersError, {"query": "id:999999", "script_id": made["id"], "username": "root"}),
        ]
        for error, parameters in cases:
            with self.subTest(error.__name__), self.assertRaises(error):
                self.api.execute_script(**parameters)
        with self.assertRaises(errors.InvalidTimeError):
            later = {"username": "root", "deliver_after": "soon"}
            self.api.execute_script(query=f"id:{self.computer['id']}", script_id=made["id"], **later)

    def test_the_other_api_reads_the_same_bytes(self):
        made = self.script("Shared")
        content = bytes(range(256))
        self.api.create_script_attachment(script_id=made["id"], file=self.file(content, name="all"))
        script = rest("GET", f"scripts/{made['id']}", token=self.session.token)
        self.assertEqual([file["filename"] for file in script["attachments"]], ["all"])
        self.assertEqual(script["status"], "ACTIVE")

    def test_base64_may_lack_its_padding(self):
        code = base64.b64encode(b"#!/bin/sh\nid\n").rstrip(b"=").decode()
        arguments = {"title": "Unpadded", "time_limit": "60", "code": code}
        made = self.api.call_arbitrary("CreateScript", arguments)
        self.addCleanup(self.forget, made["id"])
        self.assertEqual(self.api.get_script_code(script_id=made["id"]), "#!/bin/sh\nid\n")

    def test_an_action_that_is_not_there_is_an_http_error(self):
        with self.assertRaises(HTTPError) as raised:
            self.api.call_arbitrary("GetNothing", {})
        self.assertEqual((raised.exception.code, raised.exception.error_code), (404, "UnknownAction"))
