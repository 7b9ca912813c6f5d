using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.WebConsole.Failures;
using Weir.WebConsole.Format;

namespace Weir.WebConsole.Areas.Policies;

/// <summary>Edits documents as text: says what would change, and changes it.</summary>
public sealed partial class DocumentEditor
{
    private const string OnlyDocument = "documents[0].";

    private string _text = "";
    private DocumentView? _basis;
    private ApplyDocuments.Response? _checked;
    private IReadOnlyList<DiffLine>? _difference;

    /// <summary>What is edited; null for something new.</summary>
    [Parameter]
    public DocumentView? Document { get; set; }

    [Parameter]
    public string Template { get; set; } = "";

    [Parameter, EditorRequired]
    public EventCallback<ApplyDocuments.Response> OnApplied { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnCancel { get; set; }

    private int Rows => Math.Clamp(_text.Count(c => c == '\n') + 2, 12, 40);

    // With one document, which of them it is need not be said.
    private Failure? Shown => ActionFailure is { Details.Count: > 0 } failure && !failure.Details.Any(d => d.Path.StartsWith("documents[1]", StringComparison.Ordinal))
        ? failure with { Details = [.. failure.Details.Select(d => d with { Path = d.Path.StartsWith(OnlyDocument, StringComparison.Ordinal) ? d.Path[OnlyDocument.Length..] : d.Path })] }
        : ActionFailure;

    public static string Describe(ApplyDocuments.Response response) => response.Results.All(r => r.Action == "unchanged")
        ? "Nothing to change: it is in force as it stands."
        : $"Applied. Policy version {response.Version} goes to the agents now.";

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _basis = Document;
        _text = Document is null ? Template : DocumentText.Of(Document);
    }

    protected override Task LoadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task CheckAsync()
    {
        (_checked, _difference) = (null, null);
        return ActAsync(
            async token =>
            {
                var documents = DocumentText.Read(_text);
                await RefreshBasisAsync(token);
                _checked = await Mediator.SendAsync(new ApplyDocuments.Command(documents, DryRun: true), token);
                _difference = _basis is not null && documents.Count == 1 ? LineDiff.Of(DocumentText.Of(_basis), DocumentText.Tidy(_text)) : null;
            },
            reload: false);
    }

    private async Task ApplyAsync()
    {
        ApplyDocuments.Response? response = null;
        var succeeded = await TryActAsync(
            async token =>
            {
                var documents = DocumentText.Read(_text);
                if (await RefreshBasisAsync(token))
                {
                    throw new ConflictException("Somebody changed this document since you opened it. Check shows what applying yours would change now; Apply again overwrites theirs.");
                }

                response = await Mediator.SendAsync(new ApplyDocuments.Command(documents), token);
            },
            reload: false);
        if (succeeded)
        {
            await OnApplied.InvokeAsync(response);
        }
    }

    /// <returns>Whether the document is another than the one last seen here.</returns>
    private async Task<bool> RefreshBasisAsync(CancellationToken cancellationToken)
    {
        if (_basis is null)
        {
            return false;
        }

        var current = await Mediator.SendAsync(new GetDocument.Query(_basis.Kind, _basis.Metadata.Name), cancellationToken);
        var hasChanged = current.UpdatedAt != _basis.UpdatedAt;
        _basis = current;
        return hasChanged;
    }
}
