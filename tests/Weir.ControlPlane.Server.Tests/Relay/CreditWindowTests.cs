using Weir.ControlPlane.Server.Relay;

namespace Weir.ControlPlane.Server.Tests.Relay;

public sealed class CreditWindowTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_more_is_taken_than_was_given()
    {
        var window = new CreditWindow(100);

        (await window.TakeAsync(60, Cancellation)).ShouldBe(60);
        (await window.TakeAsync(60, Cancellation)).ShouldBe(40);
        var waiting = window.TakeAsync(60, Cancellation).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        window.Give(5);
        (await waiting).ShouldBe(5);
    }

    [Fact]
    public async Task A_waiter_can_be_cancelled()
    {
        var window = new CreditWindow(0);
        using var cancel = new CancellationTokenSource();
        var waiting = window.TakeAsync(1, cancel.Token).AsTask();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
    }
}
