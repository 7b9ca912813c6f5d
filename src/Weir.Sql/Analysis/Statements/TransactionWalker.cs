using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Statements;

/// <summary>BEGIN, COMMIT and their kin.</summary>
internal static class TransactionWalker
{
    public static StatementParts Transaction(Findings findings, SqlNode node)
    {
        findings.Effect(Effects.Transaction);
        bool chain = node.Flag("chain");
        Modes(findings, node.List("options"), "");
        switch (node.Text("kind"))
        {
            case "TRANS_STMT_BEGIN" or "":
                return new StatementParts("BEGIN") { Transaction = TransactionAction.Begin };
            case "TRANS_STMT_START":
                return new StatementParts("START TRANSACTION") { Transaction = TransactionAction.Begin };
            case "TRANS_STMT_COMMIT":
                return new StatementParts("COMMIT") { Transaction = chain ? TransactionAction.CommitAndChain : TransactionAction.Commit };
            case "TRANS_STMT_ROLLBACK":
                return new StatementParts("ROLLBACK") { Transaction = chain ? TransactionAction.RollbackAndChain : TransactionAction.Rollback };
            case "TRANS_STMT_SAVEPOINT":
                return new StatementParts("SAVEPOINT") { Transaction = TransactionAction.Savepoint };
            case "TRANS_STMT_RELEASE":
                return new StatementParts("RELEASE") { Transaction = TransactionAction.ReleaseSavepoint };
            case "TRANS_STMT_ROLLBACK_TO":
                return new StatementParts("ROLLBACK") { Transaction = TransactionAction.RollbackToSavepoint };
            case "TRANS_STMT_PREPARE":
                return new StatementParts("PREPARE TRANSACTION") { Transaction = TransactionAction.TwoPhase };
            case "TRANS_STMT_COMMIT_PREPARED":
                return new StatementParts("COMMIT PREPARED") { Transaction = TransactionAction.TwoPhase, CanRunInTransaction = false };
            case "TRANS_STMT_ROLLBACK_PREPARED":
                return new StatementParts("ROLLBACK PREPARED") { Transaction = TransactionAction.TwoPhase, CanRunInTransaction = false };
            default:
                findings.Unknown("The analysis does not know this transaction statement.");
                return new StatementParts("UNKNOWN");
        }
    }

    /// <summary>Transaction modes are settings too: READ WRITE is <c>transaction_read_only = off</c>.</summary>
    public static void Modes(Findings findings, SqlNodeList options, string prefix)
    {
        foreach (SqlNode option in options)
        {
            string? value = Constants.TextOf(option.Child("arg"));
            string name = option.Text("defname");
            if (name is "transaction_read_only" or "transaction_deferrable")
                value = value is "0" or "false" ? "off" : "on";
            findings.Setting(new SettingChange(prefix + name, value, IsLocal: prefix.Length == 0));
        }
    }
}
