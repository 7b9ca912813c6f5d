using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.Features.Documents;

namespace Weir.WebConsole.Areas.Connections;

/// <summary>Issues a credential and shows its secret. The secret lives as long as the dialog, and nowhere else.</summary>
public sealed partial class ConnectDialog
{
    private int _hours = 1;
    private IssueCredential.Response? _issued;

    [Parameter, EditorRequired]
    public ListConnections.Connection Connection { get; set; } = null!;

    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    protected override Task LoadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task IssueAsync() => ActAsync(
        async token => _issued = await Mediator.SendAsync(new IssueCredential.Command(Connection.Name, Ttl: TimeSpan.FromHours(_hours)), token), reload: false);

    private static string Psql(string url) => $"psql '{url}'";
}
