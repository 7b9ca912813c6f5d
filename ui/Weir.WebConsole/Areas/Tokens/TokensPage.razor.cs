using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Tokens;

/// <summary>Tokens that are valid.</summary>
public sealed partial class TokensPage
{
    private readonly PagedList<TokenView> _tokens;
    private bool _isCreating;

    public TokensPage() => _tokens = new((after, limit, token) => Mediator.SendAsync(new ListTokens.Query(After: after, Limit: limit), token));

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Tokens;

    protected override Task LoadAsync(CancellationToken cancellationToken) => _tokens.LoadAsync(cancellationToken);

    private Task CloseAsync()
    {
        _isCreating = false;
        return ReloadAsync();
    }

    private Task RevokeAsync(Guid id) => ActAsync(token => Mediator.SendAsync(new RevokeToken.Command(id), token));
}
