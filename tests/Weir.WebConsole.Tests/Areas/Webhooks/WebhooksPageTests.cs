using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.WebConsole;
using Weir.ControlPlane.Domain.Webhooks;
using Weir.WebConsole.Areas.Webhooks;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Webhooks;

public sealed class WebhooksPageTests : ConsoleTest
{
    private const string Secret = "whsec_only_once";

    private static readonly WebhookView Webhook = new(
        Guid.CreateVersion7(), "dba-channel", "https://hooks.example/…", "standard", [], new Dictionary<string, string>(), "failing", Sample.Now.AddDays(-3), null, null, null,
        Sample.Now.AddHours(-1), 4, Sample.Now.AddMinutes(-1), null, 503, "The receiver answered 503.", 2);

    private static readonly WebhookDeliveryView Delivery = new(
        Guid.CreateVersion7(), Webhook.Id, "review.opened", "pending", 4, Sample.Now.AddHours(-1), Sample.Now.AddMinutes(5), Sample.Now.AddMinutes(-1), 503, "The receiver answered 503.", 12, "{}");

    [Fact]
    public async Task A_webhook_is_added_with_what_was_chosen_and_its_secret_is_gone_with_the_dialog()
    {
        SignIn(Sample.Administrator)
            .On<ListWebhooks.Query, Page<WebhookView>>(_ => Sample.PageOf<WebhookView>())
            .On<CreateWebhook.Command, CreateWebhook.Response>(c => new(Webhook.Id, Secret, Webhook));
        var page = Render<WebhooksPage>();
        await PressAsync(page, "Add webhook");
        await page.Find("dialog input[pattern]").ChangeAsync(new() { Value = "dba-channel" });
        await page.Find("dialog input[type=url]").ChangeAsync(new() { Value = "https://hooks.example/x" });
        await page.Find("dialog select").ChangeAsync(new() { Value = "Slack" });
        await page.FindAll("dialog input[type=checkbox]")[0].ChangeAsync(new() { Value = true });
        await page.Find("dialog form").SubmitAsync();

        TextOf(page).ShouldContain(Secret);
        var sent = Mediator.Sent<CreateWebhook.Command>().ShouldHaveSingleItem();
        (sent.Name, sent.Url, sent.Format).ShouldBe(("dba-channel", "https://hooks.example/x", WebhookFormat.Slack));
        sent.Events.ShouldBe([WebhookEventType.ReviewOpened]);
        await page.Find("[data-close]").ClickAsync(new());
        page.Markup.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task A_failing_webhook_says_why_and_follows_what_changes()
    {
        var shown = Webhook;
        SignIn(Sample.Administrator)
            .On<GetWebhook.Query, WebhookView>(_ => shown)
            .On<ListWebhookDeliveries.Query, Page<WebhookDeliveryView>>(_ => Sample.PageOf(Delivery))
            .On<RedeliverWebhookDelivery.Command, WebhookDeliveryView>(_ => Delivery)
            .On<TestWebhook.Command, WebhookDeliveryView>(_ => Delivery);
        var page = Render<WebhookPage>(("Id", Webhook.Id));
        TextOf(page).ShouldContain("The receiver answered 503.");
        await PressAsync(page, "Send again");
        Mediator.Sent<RedeliverWebhookDelivery.Command>().ShouldBe([new RedeliverWebhookDelivery.Command(Delivery.Id)]);
        await PressAsync(page, "Send a test");
        Mediator.Sent<TestWebhook.Command>().ShouldBe([new TestWebhook.Command(Webhook.Id)]);

        await Mediator.WatchedAsync();
        shown = Webhook with { Status = "active", LastError = null, FailingSince = null };
        Mediator.Change(ConsoleSubject.Webhooks, Webhook.Id);
        page.WaitForAssertion(() => TextOf(page).ShouldContain("active"), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void An_auditor_sees_and_changes_nothing()
    {
        SignIn(Sample.Auditor)
            .On<GetWebhook.Query, WebhookView>(_ => Webhook)
            .On<ListWebhookDeliveries.Query, Page<WebhookDeliveryView>>(_ => Sample.PageOf(Delivery))
            .On<ListWebhooks.Query, Page<WebhookView>>(_ => Sample.PageOf(Webhook));
        Buttons(Render<WebhooksPage>(), "Add webhook").ShouldBeEmpty();
        var page = Render<WebhookPage>(("Id", Webhook.Id));
        foreach (var action in new[] { "Send a test", "Change", "New secret", "Disable", "Delete", "Send again" })
        {
            Buttons(page, action).ShouldBeEmpty(action);
        }
    }
}
