using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Agents;

namespace Weir.WebConsole.Areas.Agents;

/// <summary>Makes an enrollment token and shows it once, with the command that uses it.</summary>
public sealed partial class EnrollDialog
{
    private string _name = "";
    private int _hours = 1;
    private CreateEnrollmentToken.Response? _created;

    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private AgentPort Port { get; set; } = null!;

    private string Command => $"""
        WEIR_CONTROL_PLANE_URL=https://{new Uri(Navigation.BaseUri).Host}:{Port.Number} \
        WEIR_CA_FILE=ca.crt \
        WEIR_AGENT_NAME={_name} \
        WEIR_AGENT_LISTEN=0.0.0.0:6433 \
        WEIR_AGENT_ADVERTISE={_name}:6433 \
        WEIR_ENROLLMENT_TOKEN={_created?.Token} \
        weir-agent
        """;

    protected override Task LoadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task CreateAsync()
    {
        _name = _name.Trim();
        return ActAsync(
            async token => _created = await Mediator.SendAsync(new CreateEnrollmentToken.Command(_name, TimeSpan.FromHours(_hours)), token), reload: false);
    }
}
