using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Policies;

/// <summary>All documents, by kind.</summary>
public sealed partial class PoliciesPage
{
    private readonly PagedList<DocumentView> _documents;

    public PoliciesPage() => _documents = new((after, limit, token) => Mediator.SendAsync(new ListDocuments.Query(Current?.Name, after, limit), token));

    [SupplyParameterFromQuery(Name = "kind")]
    public string? Kind { get; set; }

    protected override object LoadKey => Kind ?? "*";

    private PolicyKind? Current => PolicyKind.Find(Kind);

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Policies;

    protected override Task LoadAsync(CancellationToken cancellationToken) => _documents.LoadAsync(cancellationToken);
}
