using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Areas.Policies;

/// <summary>One document: to read, to edit, to delete.</summary>
public sealed partial class PolicyPage
{
    private DocumentView? _document;
    private bool _isEditing;
    private bool _hasNews;
    private string? _applied;

    [Parameter]
    public string Kind { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    protected override object LoadKey => (Kind, Name);

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Policies;

    protected override Task OnChangedAsync()
    {
        // What somebody is writing is not taken from under their hands.
        if (_isEditing)
        {
            _hasNews = true;
            return Task.CompletedTask;
        }

        return ReloadAsync();
    }

    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        _document = await Mediator.SendAsync(new GetDocument.Query(Kind, Name), cancellationToken);

    private Task OnAppliedAsync(ApplyDocuments.Response response)
    {
        _applied = DocumentEditor.Describe(response);
        return StopEditingAsync();
    }

    private Task StopEditingAsync()
    {
        (_isEditing, _hasNews) = (false, false);
        return ReloadAsync();
    }

    private async Task DeleteAsync()
    {
        if (await TryActAsync(token => Mediator.SendAsync(new DeleteDocument.Command(Kind, Name), token), reload: false))
        {
            Navigation.NavigateTo($"/policies?kind={Uri.EscapeDataString(Kind)}");
        }
    }
}
