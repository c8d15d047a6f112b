"""Sites, and on them what all lists and all things of tenants have in common."""

from cloudify_rest_client.exceptions import ForbiddenError, NoSuchIncludeFieldError, UserUnauthorizedError

from support import THEIR_PASSWORD, ClientTest, connect, plain, unique


class Sites(ClientTest):
    def setUp(self):
        self.name = self.tenant()
        self.inside = connect(tenant=self.name)
        self.sites = self.inside.sites

    def names(self, **query):
        return [site.name for site in self.sites.list(**query)]

    def test_a_site_is_made_read_changed_and_removed(self):
        made = self.sites.create("berlin", "52.52, 13.405")
        self.assertEqual((made.name, made.location, made.visibility), ("berlin", "52.52, 13.405", "tenant"))
        self.assertEqual((made["latitude"], made["longitude"]), (52.52, 13.405))
        self.assertEqual((made["tenant_name"], made["created_by"]), (self.name, "admin"))
        self.assertEqual((made["resource_availability"], made["private_resource"]), ("tenant", False))
        self.assertRegex(made.created_at, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(self.sites.get("berlin"), made)

        changed = self.sites.update("berlin", location="53.55,9.99", new_name="hamburg")
        self.assertEqual((changed.name, changed["latitude"]), ("hamburg", 53.55))
        self.assertEqual(changed.created_at, made.created_at)
        with self.unknown():
            self.sites.get("berlin")
        self.assertIsNone(self.sites.update("hamburg", location="").location)

        self.assertIsNone(self.sites.delete("hamburg"))
        with self.unknown():
            self.sites.delete("hamburg")
        with self.unknown():
            self.sites.update("hamburg", location="1,1")
        self.assertEqual(self.names(), [])

    def test_wrong_sites_are_refused(self):
        self.sites.create("taken")
        self.sites.create("other", visibility="private")
        cases = [
            (409, "conflict_error", lambda: self.sites.create("taken")),
            (409, "conflict_error", lambda: self.sites.update("other", new_name="taken")),
            (400, "bad_parameters_error", lambda: self.sites.create("far", "91,0")),
            (400, "bad_parameters_error", lambda: self.sites.create("far", "0,181")),
            (400, "bad_parameters_error", lambda: self.sites.create("far", "somewhere")),
            (400, "bad_parameters_error", lambda: self.sites.create("1st")),
            (400, "bad_parameters_error", lambda: self.sites.create("a b")),
            (400, "bad_parameters_error", lambda: self.sites.create("x" * 257)),
            (400, "bad_parameters_error", lambda: self.sites.create("seen", visibility="public")),
            (400, "illegal_action_error", lambda: self.sites.update("taken", visibility="private")),
        ]
        for number, (status, code, ask) in enumerate(cases):
            with self.subTest(number), self.refused(status, code):
                ask()
        self.assertEqual(self.names(), ["taken", "other"])

    def test_a_list_is_sorted_searched_filtered_and_cut(self):
        for name, location in [("aachen", "50.8,6.1"), ("Bonn", "50.7,7.1"), ("berlin", "52.5,13.4"), ("x_1", None)]:
            self.sites.create(name, location)
        self.assertEqual(self.names(sort="name"), ["aachen", "berlin", "Bonn", "x_1"])
        self.assertEqual(self.names(sort="name", is_descending=True), ["x_1", "Bonn", "berlin", "aachen"])
        self.assertEqual(self.names(_sort=["visibility", "-name"]), ["x_1", "Bonn", "berlin", "aachen"])
        self.assertEqual(self.names(sort="name", _search="b"), ["berlin", "Bonn"])
        self.assertEqual(self.names(_search="_1"), ["x_1"])
        self.assertEqual(self.names(_search="%"), [])
        self.assertEqual(self.names(sort="name", name=["Bonn", "aachen"]), ["aachen", "Bonn"])
        self.assertEqual(self.names(name="Bonn", visibility="private"), [])
        self.assertEqual(self.names(latitude="", created_by="admin"), ["x_1"])

        page = self.sites.list(sort="name", _offset=1, _size=2)
        self.assertEqual([site.name for site in page], ["berlin", "Bonn"])
        pagination = page.metadata.pagination
        self.assertEqual((pagination.offset, pagination.size, pagination.total), (1, 2, 4))
        self.assertIsNone(page.metadata["filtered"])
        self.assertEqual(len(self.sites.list(_size=1, _get_all_results=True)), 4)

        cut = self.sites.list(_include=["name", "latitude"], _search="bonn")
        self.assertEqual(cut.one(), {"name": "Bonn", "latitude": 50.7})
        with self.assertRaises(NoSuchIncludeFieldError):
            self.sites.list(_include=["name", "nothing"])
        for query in [{"_size": -1}, {"_offset": "x"}, {"sort": "nothing"}, {"nothing": "x"}, {"_range": "created_at"}]:
            with self.subTest(query), self.refused(400, "bad_parameters_error"):
                self.sites.list(**query)

    def test_all_are_dumped_page_by_page_and_restored(self):
        made = [unique("site") for _ in range(5)]
        for name in made:
            self.sites.create(name, "1,2")
        # The client goes on until it has as many as the server says there are.
        dumped = list(self.sites.dump())
        self.assertEqual([site["name"] for site in dumped], made)
        self.assertEqual(set(dumped[0]), {"name", "location", "visibility", "created_by", "created_at"})
        self.assertEqual([site["name"] for site in self.sites.dump(made[1:3])], made[1:3])
        self.inside._client.query_params["_size"] = 2
        self.assertEqual([site["name"] for site in self.sites.dump()], made)

        other = connect(tenant=self.tenant())
        other.sites.restore(dumped, None)
        self.assertEqual(list(other.sites.dump()), dumped)

    def test_who_made_a_thing_and_when_can_be_set_by_those_who_may(self):
        author = self.user()
        made = self.sites.create("old", created_by=author, created_at="2020-02-03T04:05:06.789Z")
        self.afterwards(self.sites.delete, "old")
        self.assertEqual((made["created_by"], made.created_at), (author, "2020-02-03T04:05:06.789Z"))
        member = self.member(self.name, "user")
        for more in [{"created_by": author}, {"created_at": "2020-02-03T04:05:06.789Z"}]:
            with self.subTest(more), self.refused(403, "forbidden_error"):
                member.sites.create("mine", **more)
        self.assertEqual(self.names(), ["old"])

    def test_nothing_of_another_tenant_is_seen(self):
        foreign = connect(tenant=self.tenant())
        self.sites.create("here")
        self.sites.create("mine", visibility="private")
        foreign.sites.create("here", "1,1")
        self.assertEqual([site.name for site in foreign.sites.list()], ["here"])
        with self.unknown():
            foreign.sites.get("mine")
        with self.unknown():
            foreign.sites.delete("mine")
        self.assertIsNone(self.sites.get("here").location)

        member = self.member(self.name, "viewer")
        self.assertEqual([site.name for site in member.sites.list()], ["here"])
        with self.unknown():
            member.sites.get("mine")
        listed = member.sites.list(_all_tenants=True)
        self.assertEqual([(site.name, site["tenant_name"]) for site in listed], [("here", self.name)])
        self.assertEqual(listed.metadata.pagination.total, 1)
        with self.assertRaises(ForbiddenError):
            member.sites.create("more")
        with self.assertRaises(ForbiddenError):
            member.sites.delete("here")
        everywhere = [(site.name, site["tenant_name"]) for site in self.sites.list(_all_tenants=True)]
        self.assertIn(("here", self.name), everywhere)
        self.assertIn(("here", foreign._client.tenant_name), everywhere)

    def test_what_is_global_is_seen_everywhere_and_changed_at_home(self):
        foreign = connect(tenant=self.tenant())
        name = unique("everywhere")
        self.sites.create(name, visibility="global")
        self.assertEqual(foreign.sites.get(name)["tenant_name"], self.name)
        with self.refused(400, "illegal_action_error"):
            foreign.sites.update(name, location="1,1", visibility=None)
        with self.refused(400, "illegal_action_error"):
            foreign.sites.delete(name)
        with self.refused(409, "conflict_error"):
            foreign.sites.create(name)
        foreign.sites.create("local")
        with self.refused(409, "conflict_error"):
            self.sites.create("local", visibility="global")
        member = self.member(self.name, "user")
        with self.refused(403, "forbidden_error"):
            member.sites.create("wide", visibility="global")
        self.assertEqual(self.sites.get(name).visibility, "global")

    def test_a_tenant_has_to_be_named_and_known(self):
        member = self.user(**{self.name: "user"})
        for tenant in [None, unique("nowhere")]:
            with self.subTest(tenant), self.refused(403, "forbidden_error"):
                connect(tenant=tenant).sites.list()
        # One that exists but is not theirs is refused like one that does not.
        with self.refused(403, "forbidden_error") as foreign:
            connect(member, THEIR_PASSWORD, self.tenant()).sites.list()
        self.assertNotIn("site_list", str(foreign.exception))

    def test_wrong_credentials_are_refused(self):
        for client in [connect(password="wrong"), connect(unique("nobody")), connect(username=None)]:
            with self.assertRaises(UserUnauthorizedError) as caught:
                client.sites.list()
            self.assertEqual(caught.exception.status_code, 401)
            self.assertTrue(str(caught.exception).startswith("401: User unauthorized"), str(caught.exception))

    def test_answers_say_who_asked_and_bodies_are_strict(self):
        answer = plain("PUT", "sites/strict", tenant=self.name, json={})
        self.assertEqual(answer.status_code, 200)
        headers = answer.headers
        self.assertEqual(headers["X-Cloudify-Audit-Username"], "admin")
        self.assertEqual(headers["X-Cloudify-Audit-Tenant"], self.name)
        self.assertEqual(headers["X-Cloudify-Audit-Auth-Method"], "http_basic")
        typed = {"Content-Type": "text/plain"}
        refused = plain("PUT", "sites/plain", tenant=self.name, data="{}", headers=typed)
        self.assertEqual((refused.status_code, refused.json()["error_code"]), (415, "unsupported_content_type_error"))
        typed = {"Content-Type": "application/json"}
        for body in ["[]", "{", "7", '{"location": 7}']:
            with self.subTest(body):
                refused = plain("PUT", "sites/plain", tenant=self.name, data=body, headers=typed)
                self.assertEqual((refused.status_code, refused.json()["error_code"]), (400, "bad_parameters_error"))
        self.assertEqual(self.names(), ["strict"])
