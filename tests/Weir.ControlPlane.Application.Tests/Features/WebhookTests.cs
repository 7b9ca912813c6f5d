using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.Tests.Support;
using Weir.ControlPlane.Application.Webhooks;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class WebhookTests(ControlPlaneDatabases databases)
{
    private const string Url = "https://hooks.example/services/T000/very-secret";

    [Fact]
    public async Task A_review_is_announced_when_it_opens_and_when_it_is_decided_without_the_statement()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var webhook = await weir.SendAsync(o.Admin, new CreateWebhook.Command("dba", Url));
        var review = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        await weir.SendAsync(o.Agent, new AbandonReview.Command(review.ReviewId));

        // The clock stands still by itself, and what is of the same moment has no order.
        weir.Time.Advance(TimeSpan.FromSeconds(1));
        await weir.SendAsync(o.Dba, new ApproveReview.Command(review.ReviewId, "the secret word is plover"));

        var sent = await DeliveriesAsync(weir, o, webhook.Id);
        sent.Select(d => d.Event).ShouldBe([WebhookEventType.ReviewApproved, WebhookEventType.ReviewOpened]);
        var opened = JsonNode.Parse(sent[1].Body)!;
        opened["type"]!.GetValue<string>().ShouldBe("review.opened");
        opened["data"]!["id"]!.GetValue<Guid>().ShouldBe(review.ReviewId);
        opened["data"]!["principal"]!.GetValue<string>().ShouldBe("dev@weir.example");
        opened["data"]!["connection"]!.GetValue<string>().ShouldBe("orders");
        opened["data"]!["rowsChanged"]!["public.orders"]!.GetValue<long>().ShouldBe(1500);
        opened["data"]!["url"]!.GetValue<string>().ShouldBe($"https://weir.example/reviews/{review.ReviewId}");
        sent.ShouldAllBe(d => !d.Body.Contains("DELETE", StringComparison.OrdinalIgnoreCase) && !d.Body.Contains("plover") && !d.Body.Contains("T-7"));
    }

    [Fact]
    public async Task Rejected_expired_and_withdrawn_reviews_and_every_end_of_a_request_are_announced()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.ConnectionWithStoredPassword("x"), SampleDocuments.SupportMayAsk);
        var webhook = await weir.SendAsync(o.Admin, new CreateWebhook.Command("all", Url));
        await weir.SendAsync(o.Dba, new RejectReview.Command((await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev))).ReviewId));
        await weir.SendAsync(o.Dev, new WithdrawReview.Command((await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev))).ReviewId));
        await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        await weir.SendAsync(o.Dba, new ApproveReview.Command((await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev))).ReviewId));
        await weir.SendAsync(o.Dba, new ApproveAccessRequest.Command((await AskAsync()).Id));
        await weir.SendAsync(o.Dba, new RejectAccessRequest.Command((await AskAsync()).Id));
        await weir.SendAsync(o.Support, new WithdrawAccessRequest.Command((await AskAsync()).Id));
        await AskAsync();
        weir.Time.Advance(TimeSpan.FromDays(2));
        await weir.SendAsync(Actor.SystemOf(o.Id), new ExpireOverdue.Command());

        var events = (await DeliveriesAsync(weir, o, webhook.Id)).Select(d => d.Event).ToList();
        events.Distinct().ShouldBe(WebhookEventType.All, ignoreOrder: true);

        // Of the approval that nobody used there is nothing to tell.
        events.Count(e => e == WebhookEventType.ReviewExpired).ShouldBe(1);

        Task<AccessRequestView> AskAsync() => weir.SendAsync(o.Support, new CreateAccessRequest.Command("orders", null, null, "OPS-9 plover"));
    }

    [Fact]
    public async Task Only_chosen_events_of_connections_with_the_chosen_labels_are_sent()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.Connection);
        var labels = (await weir.SendAsync(o.Admin, new Application.Features.Documents.GetDocument.Query("Connection", "orders"))).Metadata.Labels;
        labels.ShouldNotBeEmpty();
        var other = await weir.SendAsync(o.Admin, new CreateWebhook.Command("other", Url, ConnectionLabels: new Dictionary<string, string> { ["env"] = "elsewhere" }));
        var same = await weir.SendAsync(o.Admin, new CreateWebhook.Command("same", Url, ConnectionLabels: labels));
        var decided = await weir.SendAsync(o.Admin, new CreateWebhook.Command("decided", Url, Events: [WebhookEventType.ReviewRejected]));
        await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        (await DeliveriesAsync(weir, o, other.Id)).ShouldBeEmpty();
        (await DeliveriesAsync(weir, o, same.Id)).Count.ShouldBe(1);
        (await DeliveriesAsync(weir, o, decided.Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Slack_gets_one_text_with_a_link_in_which_names_make_no_markup()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var webhook = await weir.SendAsync(o.Admin, new CreateWebhook.Command("chat", Url, WebhookFormat.Slack));
        var record = SampleReviews.Record(o.Dev);
        var review = await weir.SendAsync(o.Agent, record with { Held = record.Held with { RowsChanged = new Dictionary<string, long> { ["public.<!channel>&x"] = 3 } } });
        var body = JsonNode.Parse((await DeliveriesAsync(weir, o, webhook.Id)).Single().Body)!.AsObject();
        body.Select(p => p.Key).ShouldBe(["text"]);
        var text = body["text"]!.GetValue<string>();
        text.ShouldContain("3 rows of public.&lt;!channel&gt;&amp;x");
        text.ShouldEndWith($"<https://weir.example/reviews/{review.ReviewId}|Look>");
    }

    [Fact]
    public async Task A_change_that_is_rolled_back_announces_nothing()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var webhook = await weir.SendAsync(o.Admin, new CreateWebhook.Command("dba", Url));
        var review = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Admin, new ApproveReview.Command(review.ReviewId)));
        (await DeliveriesAsync(weir, o, webhook.Id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_claimed_is_claimed_once_and_comes_back_when_nobody_reports()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var webhook = await weir.SendAsync(o.Admin, new CreateWebhook.Command("dba", Url));
        for (var i = 0; i < 20; i++)
        {
            await weir.SendAsync(o.Admin, new TestWebhook.Command(webhook.Id));
        }

        var system = Actor.SystemOf(o.Id);
        var claims = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => weir.SendAsync(system, new ClaimWebhookDeliveries.Command(5))));
        var claimed = claims.SelectMany(c => c.Items).ToList();
        claimed.Select(i => i.DeliveryId).ShouldBeUnique();
        claimed.Count.ShouldBeGreaterThanOrEqualTo(5);
        claimed[0].Url.AbsoluteUri.ShouldBe(Url);
        claimed[0].ToString().ShouldNotContain("very-secret");

        while (await weir.SendAsync(system, new ClaimWebhookDeliveries.Command(100)) is { Items.Count: > 0 } more)
        {
            claimed.AddRange(more.Items);
        }

        claimed.Select(i => i.DeliveryId).Distinct().Count().ShouldBe(20);
        weir.Time.Advance(ClaimWebhookDeliveries.Lease);
        (await weir.SendAsync(system, new ClaimWebhookDeliveries.Command(100))).Items.Count.ShouldBe(ClaimWebhookDeliveries.PerWebhook);
    }

    [Fact]
    public async Task A_signature_is_that_of_Standard_Webhooks_and_after_a_rotation_for_a_day_of_both_secrets()
    {
        // The example of the specification's own test vectors.
        WebhookSecret.Sign(Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""")
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var made = await weir.SendAsync(o.Admin, new CreateWebhook.Command("dba", Url));
        made.Secret.ShouldStartWith("whsec_");
        var body = "";
        var rotated = await weir.SendAsync(o.Admin, new RotateWebhookSecret.Command(made.Id));
        rotated.Secret.ShouldNotBe(made.Secret);
        (await SignaturesAsync()).ShouldBe([Sign(rotated.Secret), Sign(made.Secret)]);
        weir.Time.Advance(Webhook.RotationOverlap);
        (await SignaturesAsync()).ShouldBe([Sign(rotated.Secret)]);

        async Task<string[]> SignaturesAsync()
        {
            await weir.SendAsync(o.Admin, new TestWebhook.Command(made.Id));
            var item = (await weir.SendAsync(Actor.SystemOf(o.Id), new ClaimWebhookDeliveries.Command(1))).Items.Single();
            body = item.Body;
            return item.Signatures("id", 7).Split(' ');
        }

        string Sign(string secret) => WebhookSecret.Sign(Convert.FromBase64String(secret[WebhookSecret.Prefix.Length..]), "id", 7, body);
    }

    [Fact]
    public async Task A_failing_webhook_shows_why_is_tried_one_at_a_time_and_is_disabled_at_last()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var system = Actor.SystemOf(o.Id);
        var webhook = await weir.SendAsync(o.Admin, new CreateWebhook.Command("dba", Url));
        for (var i = 0; i < 3; i++)
        {
            await weir.SendAsync(o.Admin, new TestWebhook.Command(webhook.Id));
        }

        await FailAsync();
        var failing = await weir.SendAsync(o.Admin, new GetWebhook.Query(webhook.Id));
        (failing.Status, failing.LastStatus, failing.LastError, failing.Waiting).ShouldBe(("failing", 503, "The receiver answered 503.", 3));
        (await weir.SendAsync(system, new ClaimWebhookDeliveries.Command(100))).Items.Count.ShouldBe(1);
        while (failing.Status == "failing")
        {
            weir.Time.Advance(TimeSpan.FromHours(9));
            await weir.SendAsync(o.Admin, new TestWebhook.Command(webhook.Id));
            await FailAsync();
            failing = await weir.SendAsync(o.Admin, new GetWebhook.Query(webhook.Id));
        }

        failing.Status.ShouldBe("disabled");
        failing.DisabledBecause.ShouldNotBeNull().ShouldContain("3 days");
        failing.Waiting.ShouldBe(0);
        (await weir.SendAsync(system, new ClaimWebhookDeliveries.Command(100))).Items.ShouldBeEmpty();
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Admin, new TestWebhook.Command(webhook.Id)));
        (await weir.SendAsync(o.Admin, new ListAuditEvents.Query())).Items.ShouldContain(e => e.Action == "webhook.disable");

        await weir.SendAsync(o.Admin, new EnableWebhook.Command(webhook.Id));
        var again = await weir.SendAsync(o.Admin, new RedeliverWebhookDelivery.Command((await DeliveriesAsync(weir, o, webhook.Id))[0].Id));
        (await weir.SendAsync(system, new ClaimWebhookDeliveries.Command(100))).Items.Single().DeliveryId.ShouldBe(again.Id);
        await weir.SendAsync(system, new RecordWebhookAttempt.Command(again.Id, 204, null, 1, null));
        (await weir.SendAsync(o.Admin, new GetWebhook.Query(webhook.Id))).Status.ShouldBe("active");
        (await weir.SendAsync(o.Admin, new GetWebhookDelivery.Query(again.Id))).Status.ShouldBe("delivered");

        async Task FailAsync()
        {
            foreach (var item in (await weir.SendAsync(system, new ClaimWebhookDeliveries.Command(1))).Items)
            {
                await weir.SendAsync(system, new RecordWebhookAttempt.Command(item.DeliveryId, 503, "The receiver answered 503.", 1, null));
            }
        }
    }

    [Fact]
    public async Task Deliveries_are_forgotten_after_a_week_but_not_those_that_wait()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var webhook = await weir.SendAsync(o.Admin, new CreateWebhook.Command("dba", Url));
        var done = await weir.SendAsync(o.Admin, new TestWebhook.Command(webhook.Id));
        await weir.SendAsync(Actor.SystemOf(o.Id), new RecordWebhookAttempt.Command(done.Id, 200, null, 1, null));
        var waiting = await weir.SendAsync(o.Admin, new TestWebhook.Command(webhook.Id));
        weir.Time.Advance(PruneWebhookDeliveries.Keep + TimeSpan.FromSeconds(1));
        (await weir.SendAsync(Actor.SystemOf(o.Id), new PruneWebhookDeliveries.Command())).ShouldBe(1);
        (await DeliveriesAsync(weir, o, webhook.Id)).Select(d => d.Id).ShouldBe([waiting.Id]);
    }

    [Fact]
    public async Task Neither_secret_nor_path_is_shown_or_kept_readable()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var made = await weir.SendAsync(o.Admin, new CreateWebhook.Command("dba", Url));
        var changed = await weir.SendAsync(o.Admin, new ChangeWebhook.Command(made.Id, "dba-2", null));
        (changed.Name, changed.Url).ShouldBe(("dba-2", "https://hooks.example/…"));
        await weir.SendAsync(o.Admin, new TestWebhook.Command(made.Id));
        (await weir.SendAsync(Actor.SystemOf(o.Id), new ClaimWebhookDeliveries.Command(1))).Items.Single().Url.AbsoluteUri.ShouldBe(Url);
        var kept = (await weir.Database.QueryAsync<string>("SELECT string_agg(t::text, ' ') FROM webhooks t"))[0]
            + (await weir.Database.QueryAsync<string>("SELECT string_agg(t::text, ' ') FROM audit_events t"))[0]
            + JsonSerializer.Serialize(await weir.SendAsync(o.Admin, new ListWebhooks.Query()));
        kept.ShouldNotContain("very-secret");
        kept.ShouldNotContain(made.Secret[WebhookSecret.Prefix.Length..]);
        kept.ShouldNotContain(Convert.ToHexStringLower(Convert.FromBase64String(made.Secret[WebhookSecret.Prefix.Length..])));
    }

    [Theory]
    [InlineData("http://hooks.example/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://user:password@hooks.example/")]
    [InlineData("ftp://hooks.example/")]
    [InlineData("hooks.example")]
    public async Task An_address_that_would_never_be_connected_to_is_refused_at_once(string url)
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        (await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Admin, new CreateWebhook.Command("x", url)))).Faults.ShouldHaveSingleItem().Path.ShouldBe("url");
    }

    [Fact]
    public async Task Members_neither_see_nor_change_webhooks_and_auditors_only_see_them()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dba, new ListWebhooks.Query()));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dba, new CreateWebhook.Command("x", Url)));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Admin, new ClaimWebhookDeliveries.Command(1)));
        var auditor = o.Dba with { Roles = Domain.Principals.Roles.Auditor };
        (await weir.SendAsync(auditor, new ListWebhooks.Query())).Items.ShouldBeEmpty();
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(auditor, new CreateWebhook.Command("x", Url)));
        await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Admin, new CreateWebhook.Command("x", Url, Events: ["review.opend"])));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:db8::1", false)]
    public void Only_public_addresses_are_open_and_never_without_tls(string address, bool isPublic)
    {
        var ip = IPAddress.Parse(address);
        OutboundNetworks.PublicOnly.Permits(ip, encrypted: true).ShouldBe(isPublic);
        OutboundNetworks.PublicOnly.Permits(ip, encrypted: false).ShouldBeFalse();
    }

    [Fact]
    public void A_network_that_the_server_allows_is_open_also_without_tls_and_opens_nothing_else()
    {
        var networks = new OutboundNetworks([IPNetwork.Parse("10.1.0.0/16")]);
        networks.Permits(IPAddress.Parse("10.1.2.3"), encrypted: false).ShouldBeTrue();
        networks.Permits(IPAddress.Parse("::ffff:10.1.2.3"), encrypted: false).ShouldBeTrue();
        networks.Permits(IPAddress.Parse("10.2.0.1"), encrypted: true).ShouldBeFalse();
        networks.Permits(IPAddress.Parse("8.8.8.8"), encrypted: false).ShouldBeFalse();
    }

    private static async Task<IReadOnlyList<WebhookDeliveryView>> DeliveriesAsync(TestControlPlane weir, TestOrganization o, Guid webhook) =>
        (await weir.SendAsync(o.Admin, new ListWebhookDeliveries.Query(webhook))).Items;
}
