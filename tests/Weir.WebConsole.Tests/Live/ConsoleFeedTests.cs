using Microsoft.Extensions.Logging.Abstractions;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Live;

public sealed class ConsoleFeedTests
{
    [Fact]
    public async Task However_many_listen_the_control_plane_is_asked_once()
    {
        var mediator = new FakeConsoleMediator(Sample.Developer);
        await using var feed = new ConsoleFeed(mediator, NullLogger<ConsoleFeed>.Instance, TimeProvider.System);
        var (first, second) = (new TaskCompletionSource<ConsoleChange>(), new TaskCompletionSource<ConsoleChange>());
        using var a = feed.Subscribe(c => first.TrySetResult(c));
        using var b = feed.Subscribe(c => second.TrySetResult(c));
        await mediator.WatchedAsync();
        mediator.Change(ConsoleSubject.Agents);
        (await first.Task.WaitAsync(TimeSpan.FromSeconds(10), Xunit.TestContext.Current.CancellationToken)).Subject.ShouldBe(ConsoleSubject.Agents);
        (await second.Task.WaitAsync(TimeSpan.FromSeconds(10), Xunit.TestContext.Current.CancellationToken)).Subject.ShouldBe(ConsoleSubject.Agents);
        mediator.Watchers.ShouldBe(1);
    }

    [Fact]
    public async Task Who_has_left_hears_nothing_more()
    {
        var mediator = new FakeConsoleMediator(Sample.Developer);
        await using var feed = new ConsoleFeed(mediator, NullLogger<ConsoleFeed>.Instance, TimeProvider.System);
        var heard = 0;
        var last = new TaskCompletionSource();
        feed.Subscribe(_ => heard++).Dispose();
        using var stays = feed.Subscribe(_ => last.TrySetResult());
        await mediator.WatchedAsync();
        mediator.Change(ConsoleSubject.Agents);
        await last.Task.WaitAsync(TimeSpan.FromSeconds(10), Xunit.TestContext.Current.CancellationToken);
        heard.ShouldBe(0);
    }
}
