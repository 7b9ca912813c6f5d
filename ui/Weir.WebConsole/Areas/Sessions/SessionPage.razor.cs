using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Areas.Sessions;

/// <summary>
/// One session with its statements. Each look at somebody else's session is an audit event, so only one's own follows along by itself; for others the page
/// says that there is more to see.
/// </summary>
public sealed partial class SessionPage
{
    private const int PageSize = 100;

    private SessionView? _session;
    private List<StatementView> _statements = [];
    private long? _next;
    private bool _hasNews;
    private bool _isEnding;

    [Parameter]
    public Guid Id { get; set; }

    protected override object LoadKey => Id;

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Sessions && (change.Id is null || change.Id == Id);

    protected override Task OnChangedAsync()
    {
        if (_session is null || _session.Principal == Mediator.Actor.Name || _session.OnBehalfOf == Mediator.Actor.Name)
        {
            return ReloadAsync();
        }

        _hasNews = true;
        return Task.CompletedTask;
    }

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(_session?.Id == Id ? _statements.Count : 0, PageSize, GetSession.MaxStatements);
        var loaded = await Mediator.SendAsync(new GetSession.Query(Id, Limit: limit), cancellationToken);
        (_session, _statements, _next, _hasNews) = (loaded.Session, [.. loaded.Statements], loaded.NextStatement, false);
        _isEnding &= loaded.Session.Status == "live";
    }

    private Task LoadMoreAsync() => ActAsync(
        async token =>
        {
            var more = await Mediator.SendAsync(new GetSession.Query(Id, _next ?? 0, PageSize), token);
            _statements.AddRange(more.Statements);
            (_session, _next) = (more.Session, more.NextStatement);
        },
        reload: false);

    private async Task EndAsync() => _isEnding |= await TryActAsync(token => Mediator.SendAsync(new KillSession.Command(Id), token), reload: false);
}
