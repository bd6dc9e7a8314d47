"""The verifier of CRM files: what a delivered file says, checked, or why it is refused.

It knows nothing of the warehouse. `open_crm_file` streams a file as verified batches;
`verify` reads one to its end and only returns the account.
"""

from matchbook.crm_files.columns import Column
from matchbook.crm_files.convention import MAX_SHRINK, MODES, parse_onboard_path
from matchbook.crm_files.reader import CrmFile, open_crm_file, verify
from matchbook.crm_files.rows import CrmBatch

__all__ = [
    "MAX_SHRINK",
    "MODES",
    "Column",
    "CrmBatch",
    "CrmFile",
    "open_crm_file",
    "parse_onboard_path",
    "verify",
]
