using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Areas.Sessions;

/// <summary>The recording of one session. It only ever grows, so what was loaded is never loaded again.</summary>
public sealed partial class ReplayPage
{
    private const int PageSize = 100;

    private readonly ReplaySteps _steps = new();
    private SessionView? _session;
    private long _last;
    private long? _next;
    private bool _hasNews;

    [Parameter]
    public Guid Id { get; set; }

    protected override object LoadKey => Id;

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Sessions && (change.Id is null || change.Id == Id);

    protected override Task OnChangedAsync()
    {
        _hasNews = _session?.Status == "live";
        return Task.CompletedTask;
    }

    protected override Task LoadAsync(CancellationToken cancellationToken)
    {
        _steps.Clear();
        _last = 0;
        return LoadAfterAsync(0, cancellationToken);
    }

    private Task LoadMoreAsync() => ActAsync(token => LoadAfterAsync(_next ?? _last, token), reload: false);

    private async Task LoadAfterAsync(long after, CancellationToken cancellationToken)
    {
        var page = await Mediator.SendAsync(new ReplaySession.Query(Id, after, PageSize), cancellationToken);
        _steps.Add(page.Items);
        (_session, _next, _hasNews) = (page.Session, page.Next, false);
        _last = page.Items.Count > 0 ? page.Items[^1].Sequence : _last;
    }
}
