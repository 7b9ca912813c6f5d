using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.People;

/// <summary>Who there is.</summary>
public sealed partial class PeoplePage
{
    private readonly PagedList<PrincipalView> _principals;
    private IReadOnlyList<ListGroups.Group> _groups = [];
    private PrincipalView? _editing;
    private bool _isAdding;

    public PeoplePage() => _principals = new((after, limit, token) => Mediator.SendAsync(new ListPrincipals.Query(after, limit), token));

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Principals;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _principals.LoadAsync(cancellationToken);
        _groups = (await Mediator.SendAsync(new ListGroups.Query(), cancellationToken)).Items;
    }

    private Task EnableAsync(PrincipalView principal) => ActAsync(token => Mediator.SendAsync(new EnablePrincipal.Command(principal.Id), token));

    private Task DisableAsync(PrincipalView principal) => ActAsync(token => Mediator.SendAsync(new DisablePrincipal.Command(principal.Id), token));
}
