using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Domain.Tests.Webhooks;

public sealed class WebhookTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_is_told_what_it_has_chosen_and_of_everything_when_it_has_chosen_nothing()
    {
        Create().Wants(WebhookEventType.ReviewRejected).ShouldBeTrue();
        var chosen = Create(WebhookEventType.ReviewOpened);
        chosen.Wants(WebhookEventType.ReviewOpened).ShouldBeTrue();
        chosen.Wants(WebhookEventType.ReviewRejected).ShouldBeFalse();
        chosen.Disable("x", Now);
        chosen.Wants(WebhookEventType.ReviewOpened).ShouldBeFalse();
    }

    [Fact]
    public void Labels_that_it_has_chosen_must_all_be_the_connections()
    {
        var webhook = new Webhook(new OrganizationId(Guid.NewGuid()), WebhookId.New(Now), Target([], new() { ["env"] = "prod", ["team"] = "a" }), [1], Now);
        webhook.WantsConnection(new Dictionary<string, string> { ["env"] = "prod", ["team"] = "a", ["x"] = "y" }).ShouldBeTrue();
        webhook.WantsConnection(new Dictionary<string, string> { ["env"] = "prod" }).ShouldBeFalse();
        webhook.WantsConnection(null).ShouldBeFalse();
        Create().WantsConnection(null).ShouldBeTrue();
    }

    [Fact]
    public void Days_of_failure_disable_it_and_a_success_in_between_does_not()
    {
        var webhook = Create();
        for (var i = 0; i < 100; i++)
        {
            webhook.RecordFailure(500, "The receiver answered 500.", Now.AddMinutes(i)).ShouldBeFalse();
        }

        webhook.RecordSuccess(204, Now.AddDays(2));
        webhook.RecordFailure(500, "x", Now.AddDays(4)).ShouldBeFalse();
        webhook.FailingSince.ShouldBe(Now.AddDays(4));
        for (var i = 0; i < Webhook.DisableAfterFailures - 2; i++)
        {
            webhook.RecordFailure(null, "x", Now.AddDays(8)).ShouldBeFalse();
        }

        webhook.RecordFailure(null, "x", Now.AddDays(8)).ShouldBeTrue();
        webhook.IsDisabled.ShouldBeTrue();
        webhook.DisabledBecause.ShouldNotBeNull().ShouldContain("10 times");
        webhook.Enable();
        (webhook.IsDisabled, webhook.Failures, webhook.FailingSince).ShouldBe((false, 0, null));
        Should.Throw<IllegalTransitionException>(webhook.Enable);
    }

    [Fact]
    public void A_receiver_that_is_gone_is_not_tried_again() => Create().RecordFailure(410, "The receiver answered 410.", Now).ShouldBeTrue();

    [Fact]
    public void Retries_double_from_seconds_to_an_hour_and_end_after_a_day()
    {
        var delivery = Delivery();
        delivery.Fail(null, "x", 1, null, 0, Now);
        (delivery.NextAttemptAt - Now).ShouldBe(WebhookDelivery.FirstRetry / 2);
        delivery.Fail(null, "x", 1, null, 1, Now);
        (delivery.NextAttemptAt - Now).ShouldBe(WebhookDelivery.FirstRetry);
        delivery.Fail(429, "x", 1, TimeSpan.FromMinutes(5), 1, Now);
        (delivery.NextAttemptAt - Now).ShouldBe(TimeSpan.FromMinutes(5));
        delivery.Fail(429, "x", 1, TimeSpan.FromDays(5), 1, Now);
        (delivery.NextAttemptAt - Now).ShouldBe(WebhookDelivery.LongestRetry);
        delivery.Status.ShouldBe(WebhookDeliveryStatus.Pending);
        delivery.Fail(null, "x", 1, null, 1, Now + WebhookDelivery.Patience - TimeSpan.FromSeconds(1));
        delivery.Status.ShouldBe(WebhookDeliveryStatus.Failed);
        delivery.Redeliver(Now.AddDays(2));
        (delivery.Status, delivery.NextAttemptAt, delivery.GiveUpAt).ShouldBe((WebhookDeliveryStatus.Pending, Now.AddDays(2), Now.AddDays(3)));
    }

    [Fact]
    public void A_failure_that_is_reported_after_the_delivery_arrived_does_not_send_it_again()
    {
        var delivery = Delivery();
        delivery.Succeed(200, 1, Now);
        delivery.Fail(null, "late", 1, null, 1, Now);
        delivery.Status.ShouldBe(WebhookDeliveryStatus.Delivered);
    }

    private static WebhookDelivery Delivery() =>
        new(new OrganizationId(Guid.NewGuid()), WebhookDeliveryId.New(Now), WebhookId.New(Now), WebhookEventType.Test, "{}", Now);

    private static Webhook Create(params string[] events) => new(new OrganizationId(Guid.NewGuid()), WebhookId.New(Now), Target(events, []), [1], Now);

    private static WebhookTarget Target(string[] events, Dictionary<string, string> labels) => new("w", [1], "https://hooks.example", WebhookFormat.Standard, events, labels);
}
