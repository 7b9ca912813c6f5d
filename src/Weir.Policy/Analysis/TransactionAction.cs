namespace Weir.Policy.Analysis;

/// <summary>What a statement does to the transaction block.</summary>
public enum TransactionAction
{
    None,
    Begin,
    Commit,
    Rollback,
    CommitAndChain,
    RollbackAndChain,
    Savepoint,
    RollbackToSavepoint,
    ReleaseSavepoint,

    /// <summary>PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED.</summary>
    TwoPhase,

    /// <summary>SET TRANSACTION and SET SESSION CHARACTERISTICS.</summary>
    Characteristics,
}
