"""What people see: the Streamlit app and the server around it."""
