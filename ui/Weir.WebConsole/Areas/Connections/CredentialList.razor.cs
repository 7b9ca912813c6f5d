using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Connections;

/// <summary>Credentials that still open a door.</summary>
public sealed partial class CredentialList
{
    private readonly PagedList<CredentialView> _credentials;

    public CredentialList() =>
        _credentials = new((after, limit, token) => Mediator.SendAsync(new ListCredentials.Query(After: after, Limit: limit), token));

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Credentials;

    protected override Task LoadAsync(CancellationToken cancellationToken) => _credentials.LoadAsync(cancellationToken);

    private Task RevokeAsync(string id) => ActAsync(token => Mediator.SendAsync(new RevokeCredential.Command(id), token));
}
